import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PasswordHasherService } from '../auth/password-hasher.service.js';
import { Clock } from '../common/clock.js';
import { prefersPage } from '../common/page.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { sendProblem } from '../common/problem/problem.filter.js';
import type { ProblemCode } from '../common/problem/problems.js';
import type { RedirectTarget } from '../links/links.types.js';
import { networkOf } from '../platform/http/client-address.js';
import { RateLimitsService } from '../rate-limits/rate-limits.service.js';
import type { PolicyName } from '../rate-limits/rate-limits.types.js';
import { encodeUnprintable, pathBehindCode, staysBelow } from './forwarding.js';
import { FORM_HEADERS, passwordForm } from './password-form.js';
import {
  CODE,
  linkNotFound,
  lookupFailed,
  nothingBehind,
  type ShortLink,
  type ShortLinkRequest,
} from './redirect.route.js';
import { decide, RedirectService, SHORT_CODE } from './redirect.service.js';
import { UnlockCookies } from './unlock-cookies.js';

/** A form with a password, each of its bytes percent-encoded. */
const BODY_LIMIT_BYTES = 1_024;
/** bcrypt would compare no more of it. */
const MAX_PASSWORD_BYTES = 72;
/** A path of one segment that is none of the service itself, where a POST is not possible. */
const ANYTHING =
  '/:code((?!(?:api|docs|health|metrics|openapi\\.json|robots\\.txt|favicon\\.ico)$)[\\s\\S]+)';
const FORM = 'application/x-www-form-urlencoded';

/**
 * POST /{code}: the password of a link. Whoever knows it gets a cookie, and is sent to the link again,
 * which then redirects: so that is the one click. Guesses are limited, and are in no log: the route is as
 * silent as that of short links.
 */
@Injectable()
export class PasswordRoute implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly redirects: RedirectService,
    private readonly hasher: PasswordHasherService,
    private readonly cookies: UnlockCookies,
    private readonly limits: RateLimitsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    server.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      // Of any type: an unknown code says so first.
      scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) =>
        parsed(null, body),
      );
      for (const url of [ANYTHING, `${CODE}/*`]) {
        scope.route<ShortLink & { Body: string | undefined }>({
          config: { isShortLink: true },
          method: 'POST',
          url,
          logLevel: 'silent',
          bodyLimit: BODY_LIMIT_BYTES,
          handler: (request, reply) =>
            this.handle(request, reply).catch((error: unknown) => {
              if (!(error instanceof ProblemError)) throw error;
              void reply.header('x-request-id', request.id);
              sendProblem(error, request, reply);
            }),
        });
      }
      done();
    });
  }

  private async handle(request: ShortLinkRequest, reply: FastifyReply): Promise<void> {
    const { code } = request.params;
    const link = await this.find(request);
    const now = this.clock.now();
    // Without a password it redirects there, or tells why it does not.
    if (link.options?.passwordHash == null || decide(link, now) !== 'redirect') {
      passwordOf(request);
    } else {
      try {
        await this.insistOnPassword(link, request);
      } catch (error) {
        if (!askAgain(error, request, reply)) throw error;
        return;
      }
      void reply.header('set-cookie', this.cookies.make(code, link, now));
    }
    void reply
      .code(303)
      .header('location', this.cookies.basePath + addressOf(request))
      .header('cache-control', 'no-store')
      .send();
  }

  /** @throws ProblemError link-not-found, not-found, quota-exceeded, database-unavailable */
  private async find(request: ShortLinkRequest): Promise<RedirectTarget> {
    const { code, '*': isDeeper } = request.params;
    if (!SHORT_CODE.test(code)) throw linkNotFound();
    const link = await this.redirects.find(code, request).catch((error: unknown) => {
      throw lookupFailed(error);
    });
    if (!link) await this.limits.consume('unknown-codes', networkOf(request.client.address));
    if (isDeeper !== undefined) {
      const isForwarded = link?.options?.forwardPath && staysBelow(pathBehindCode(request.url));
      if (!isForwarded) throw nothingBehind();
    }
    // One that has not started yet tells nobody that it exists.
    if (link && decide(link, this.clock.now()) !== 'not_found') return link;
    throw linkNotFound();
  }

  /**
   * Who is wrong is counted: for the address and the link, for the address, and for the link. The last keeps
   * out nobody who has known the password where they are in the last two weeks.
   * @throws ProblemError wrong-link-password, quota-exceeded, too-many-requests, and as `passwordOf`
   */
  private async insistOnPassword(
    { linkId, options }: RedirectTarget,
    request: ShortLinkRequest,
  ): Promise<void> {
    const password = passwordOf(request);
    const { client } = request;
    const address = networkOf(client.address);
    const both = JSON.stringify([linkId, address]);
    const policies: [PolicyName, string][] = [
      ['link-password', both],
      ['link-password-address', address],
    ];
    if (!(await this.limits.isFamiliar(both))) policies.push(['link-password-link', linkId]);
    await Promise.all(policies.map((policy) => this.limits.insistOnRest(...policy)));
    const isPossible =
      Buffer.byteLength(password.normalize('NFC')) <= MAX_PASSWORD_BYTES &&
      !/\p{Cc}/u.test(password);
    if (isPossible) {
      const verdict = await this.hasher.verify(password, options!.passwordHash!, client);
      if (verdict !== 'wrong') {
        await this.limits.noteFamiliar(both);
        return;
      }
    }
    await Promise.all(policies.map((policy) => this.limits.count(...policy)));
    throw new ProblemError('wrong-link-password', {
      detail: 'This is not the password of the short link.',
    });
  }
}

/** @throws ProblemError unsupported-media-type, invalid-request */
function passwordOf({ body, headers }: FastifyRequest): string {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type !== FORM) {
    throw new ProblemError('unsupported-media-type', {
      detail: `Send the password as ${FORM}.`,
    });
  }
  const fields = [...new URLSearchParams(body as string | undefined)];
  const [password] = fields;
  if (fields.length === 1 && password![0] === 'password' && password![1] !== '')
    return password![1];
  throw new ProblemError('invalid-request', {
    detail: 'The form must have the field "password", and no other.',
    errors: [{ pointer: '/password', code: 'required', detail: 'password is required, and alone' }],
  });
}

/** Where the form was sent to, on this host. */
function addressOf({ params, url }: ShortLinkRequest): string {
  const path = pathBehindCode(url);
  const queryAt = url.indexOf('?');
  const query = queryAt === -1 ? '' : url.slice(queryAt);
  return `/${params.code}${encodeUnprintable(path && `/${path}`)}${encodeUnprintable(query)}`;
}

/** What a person is told above the form. */
const AGAIN: Partial<Record<ProblemCode, string>> = {
  'invalid-request': 'Please enter the password.',
  'wrong-link-password': 'This is not the password. Please try again.',
  'quota-exceeded': 'Too many wrong passwords were tried. Please wait a minute, and try again.',
  'too-many-requests': 'Too many passwords are being checked. Please try again in a moment.',
};

/** Shows a person the form again, if that helps; tells whether it did. */
function askAgain(error: unknown, request: FastifyRequest, reply: FastifyReply): boolean {
  if (!(error instanceof ProblemError) || !prefersPage(request.headers.accept)) return false;
  const text = AGAIN[error.code];
  if (text === undefined) return false;
  const headers = { ...error.headers, ...FORM_HEADERS };
  void reply.status(error.status).headers(headers).send(passwordForm(text));
  return true;
}
