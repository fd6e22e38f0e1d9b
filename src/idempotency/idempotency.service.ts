import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../config/auth.config.js';
import { DatabaseConfig } from '../../config/database.config.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { databaseUnavailable, DatabaseService } from '../database/database.service.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import type { Answer, KeyedRequest, Outcome, Settled } from './idempotency.types.js';
import { KeyGate } from './key-gate.js';
import { requestFingerprint } from './request-fingerprint.js';
import { Slots } from './slots.js';
import { hashIdempotencyKey, StoredAnswerCipher } from './stored-answer.crypto.js';
import { deserializeAnswer, isKept, refusalOf, serializeAnswer } from './stored-answer.js';

const TTL_SECONDS = 24 * 60 * 60;
const WAIT_MS = 5000;

/**
 * Runs a request at most once for each key. What the handler does and its stored answer commit
 * in one transaction, so neither exists without the other, wherever the process is killed.
 */
@Injectable()
export class IdempotencyService {
  private readonly gate = new KeyGate();
  private readonly slots: Slots;

  constructor(
    private readonly database: DatabaseService,
    private readonly keys: IdempotencyKeysRepository,
    private readonly auth: AuthConfig,
    { poolSize }: DatabaseConfig,
  ) {
    // A login holds its connection while its password is hashed: that must not starve the others.
    this.slots = new Slots(Math.max(1, Math.floor(poolSize / 2)));
  }

  /**
   * Runs the handler, or replays how it ended for the same request in the last 24 hours. Returns
   * after the commit. Errors that are no refusals undo everything and leave the key free.
   * @throws ProblemError idempotency-in-progress if the key is still in use after `waitMs`.
   * @throws ProblemError idempotency-key-reused if the key was used for another request.
   */
  async run(
    request: KeyedRequest,
    handler: () => Promise<Answer>,
    waitMs = WAIT_MS,
  ): Promise<Outcome> {
    const deadline = performance.now() + waitMs;
    const remainingMs = () => deadline - performance.now();
    const fingerprint = requestFingerprint(request);
    const keyHash = hashIdempotencyKey(request.scope, request.key);
    const cipher = new StoredAnswerCipher(this.auth.jwtSecret, request.key, keyHash);

    return this.inTurn(keyHash, remainingMs, () =>
      this.database.transaction(async () => {
        const claim = await this.keys.claim(keyHash, TTL_SECONDS, remainingMs());
        if (claim === 'in-progress') throw inProgress();
        if (claim !== 'claimed') {
          return { ...replay(cipher.open(claim.usedBefore), fingerprint), replayed: true };
        }
        const settled = await this.attempt(handler);
        if (isKept(settled)) {
          const sealed = cipher.seal(serializeAnswer(fingerprint, settled));
          await this.keys.storeAnswer(keyHash, sealed);
        } else {
          await this.keys.release(keyHash);
        }
        return { ...settled, replayed: false };
      }),
    );
  }

  /** Waits for other requests of this process before a connection is taken. */
  private async inTurn<T>(
    keyHash: Buffer,
    remainingMs: () => number,
    work: () => Promise<T>,
  ): Promise<T> {
    const leave = await this.gate.enter(keyHash.toString('base64'), remainingMs());
    if (!leave) throw inProgress();
    try {
      const giveBack = await this.slots.take(remainingMs());
      if (!giveBack) throw databaseUnavailable();
      try {
        return await work();
      } finally {
        giveBack();
      }
    } finally {
      leave();
    }
  }

  /**
   * Runs the handler in a savepoint. What it did before it refused is kept, as it would be without
   * a key: else a replayed refresh token could dodge the end of its session by sending one.
   */
  private async attempt(handler: () => Promise<Answer>): Promise<Settled> {
    let refusal: ProblemError | undefined;
    try {
      return await this.database.transaction(async () => {
        try {
          return { answer: await handler() };
        } catch (error) {
          refusal = refusalOf(error);
          if (refusal) return { refusal };
          throw error;
        }
      });
    } catch (error) {
      // A failed statement behind the refusal (a taken code) has spoilt the savepoint: it cannot be
      // released and was rolled back. The refusal stands. A lost connection fails what comes next.
      if (refusal) return { refusal };
      throw error;
    }
  }
}

function replay(stored: string | undefined, fingerprint: string): Settled {
  if (stored === undefined) {
    throw new ProblemError('idempotency-key-reused', {
      detail:
        'This Idempotency-Key was used before the secret of the server changed; its answer can ' +
        'no longer be read. The request was not run again: check its effect, or use a new key.',
    });
  }
  const used = deserializeAnswer(stored);
  if (used.fingerprint === fingerprint) return used.settled;
  throw new ProblemError('idempotency-key-reused', {
    detail:
      'This Idempotency-Key was used in the last 24 hours for a request with another path or ' +
      'body. Use a new key for a new request.',
  });
}

function inProgress(): ProblemError {
  return new ProblemError('idempotency-in-progress', {
    detail: 'The first request with this Idempotency-Key is still running. Try again in a second.',
    headers: { 'retry-after': '1' },
  });
}
