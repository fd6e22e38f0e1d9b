import { hkdfSync } from 'node:crypto';
import { openWith, sealWith } from '../../common/secret-box.js';

const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;

/** The key of a SaltCipher. It is made of the server's secret, which is not in the database. */
export const saltKeyOf = (secret: string): Uint8Array =>
  derive(secret, 'signpost/analytics/visitor-salt/v1', KEY_BYTES);

/**
 * Encrypts the salts of visitors: a copy of the database has them next to the hashes, and whoever can
 * read both finds the addresses by trying all there are.
 */
export class SaltCipher {
  /** Tells this key from others, and nothing about it. */
  readonly keyId: Buffer;

  constructor(private readonly key: Uint8Array) {
    this.keyId = Buffer.from(
      derive(key, 'signpost/analytics/visitor-salt/key-id/v1', KEY_ID_BYTES),
    );
  }

  /** It opens for that day only. */
  seal(day: string, salt: Buffer): Buffer {
    return sealWith(this.key, day, salt);
  }

  /** The salt, or undefined if it was sealed by another key or for another day, or was altered. */
  open(day: string, sealed: Buffer): Buffer | undefined {
    return openWith(this.key, day, sealed);
  }
}

const derive = (secret: string | Uint8Array, label: string, bytes: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', label, bytes));
