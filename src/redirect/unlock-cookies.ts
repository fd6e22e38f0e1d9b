import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../config/auth.config.js';
import { ServerConfig } from '../../config/server.config.js';
import type { RedirectTarget } from '../links/links.types.js';

const NAME = 'signpost_unlocked';
const LIFETIME_SECONDS = 15 * 60;

/** The end (Unix time), and the signature. */
const COOKIE = new RegExp(`(?:^|; *)${NAME}=(\\d{10})\\.([\\w-]{43})(?=;|$)`, 'g');

/**
 * What a browser shows of the password of a link that its visitor knows. It is signed for this link and
 * this password: it opens no other link, and not this one once its password is another.
 */
@Injectable()
export class UnlockCookies {
  private readonly keys: Uint8Array[];
  /** Of PUBLIC_URL, without a slash at its end. */
  readonly basePath: string;
  private readonly attributes: string;

  constructor(auth: AuthConfig, { publicUrl }: ServerConfig) {
    this.keys = [auth.jwtSecret, ...auth.jwtPreviousSecrets].map(keyOf);
    const { pathname, protocol } = new URL(publicUrl);
    this.basePath = pathname.replace(/\/$/, '');
    this.attributes =
      `Max-Age=${LIFETIME_SECONDS}; HttpOnly; SameSite=Lax` +
      (protocol === 'https:' ? '; Secure' : '');
  }

  /**
   * The value of Set-Cookie.
   * @param now Unix milliseconds
   */
  make(code: string, link: RedirectTarget, now: number): string {
    const end = Math.floor(now / 1_000) + LIFETIME_SECONDS;
    const signature = sign(this.keys[0]!, link, end).toString('base64url');
    return `${NAME}=${end}.${signature}; Path=${this.basePath}/${code}; ${this.attributes}`;
  }

  /** Whether a Cookie header has one that is valid for the link. */
  open(link: RedirectTarget, header: string | undefined, now: number): boolean {
    return [...(header ?? '').matchAll(COOKIE)].some(([, end, signature]) => {
      const seconds = Number(end) - now / 1_000;
      if (seconds <= 0 || seconds > LIFETIME_SECONDS) return false;
      const given = Buffer.from(signature!, 'base64url');
      return this.keys.some((key) => timingSafeEqual(sign(key, link, Number(end)), given));
    });
  }
}

const keyOf = (secret: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', 'signpost/redirect/unlock/v1', 32));

const sign = (key: Uint8Array, { linkId, options }: RedirectTarget, end: number): Buffer =>
  createHmac('sha256', key)
    .update(JSON.stringify([linkId, options?.passwordHash, end]))
    .digest();
