import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../config/auth.config.js';
import { DatabaseConfig } from '../../config/database.config.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { databaseUnavailable, DatabaseService } from '../platform/database/database.service.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import type { Answer, KeyedRequest, Outcome, Settled } from './idempotency.types.js';
import { KeyedMutex } from './keyed-mutex.js';
import { requestFingerprint } from './request-fingerprint.js';
import { Semaphore } from '../common/semaphore.js';
import { hashIdempotencyKey, StoredAnswerCipher } from './stored-answer.crypto.js';
import { deserializeAnswer, isKept, refusalOf, serializeAnswer } from './stored-answer.js';

const TTL_SECONDS = 24 * 60 * 60;
const WAIT_MS = 5000;
/** What is kept for one user: some 16,000 answers of ordinary size. */
const MAX_STORED_KIBIBYTES = 16 * 1024;

/**
 * Runs a request at most once for each key. What the handler does and its stored answer commit
 * in one transaction, so neither exists without the other, wherever the process is killed.
 */
@Injectable()
export class IdempotencyService {
  private readonly mutex = new KeyedMutex();
  private readonly connections: Semaphore;

  constructor(
    private readonly database: DatabaseService,
    private readonly keys: IdempotencyKeysRepository,
    private readonly auth: AuthConfig,
    { poolSize }: DatabaseConfig,
  ) {
    // Each holds its connection from the key to the commit: that must not starve the others.
    this.connections = new Semaphore(Math.max(1, Math.floor(poolSize / 2)));
  }

  /**
   * Runs the handler, or replays how it ended for the same request in the last 24 hours. Returns
   * after the commit. Errors that are no refusals undo everything and leave the key free.
   * @throws ProblemError idempotency-in-progress if the key is still in use after `waitMs`.
   * @throws ProblemError idempotency-key-reused if the key was used for another request.
   * @throws ProblemError idempotency-answer-not-kept if the answer was too large to be replayed.
   * @throws ProblemError idempotency-quota-exceeded if no more is kept for this user for now.
   */
  async run(
    request: KeyedRequest,
    handler: () => Promise<Answer>,
    waitMs = WAIT_MS,
  ): Promise<Outcome> {
    const deadline = performance.now() + waitMs;
    const remainingMs = () => deadline - performance.now();
    const fingerprint = requestFingerprint(request);
    const keyHash = hashIdempotencyKey(request.userId, request.key);
    const key = { keyHash, ownerId: request.userId };
    const { jwtSecret, jwtPreviousSecrets } = this.auth;
    const cipher = new StoredAnswerCipher(jwtSecret, request.key, keyHash, jwtPreviousSecrets);

    return this.inTurn(keyHash, remainingMs, () =>
      this.database.transaction(async () => {
        const claim = await this.keys.claim(key, TTL_SECONDS, remainingMs());
        if (claim === 'in-progress') throw inProgress();
        if ('usedBefore' in claim) {
          return { ...replay(cipher.open(claim.usedBefore), fingerprint), replayed: true };
        }
        if (claim.storedKibibytes >= MAX_STORED_KIBIBYTES) throw quotaExceeded();
        const settled = await this.attempt(handler);
        if (isKept(settled)) {
          const sealed = cipher.seal(serializeAnswer(fingerprint, settled));
          await this.keys.storeAnswer(key, sealed);
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
    const releaseKey = await this.mutex.acquire(keyHash.toString('base64'), remainingMs());
    if (!releaseKey) throw inProgress();
    try {
      const releaseConnection = await this.connections.acquire(remainingMs());
      if (!releaseConnection) throw databaseUnavailable();
      try {
        return await work();
      } finally {
        releaseConnection();
      }
    } finally {
      releaseKey();
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
  if (used.fingerprint !== fingerprint) {
    throw new ProblemError('idempotency-key-reused', {
      detail:
        'This Idempotency-Key was used in the last 24 hours for a request with another path or ' +
        'body. Use a new key for a new request.',
    });
  }
  if (used.settled) return used.settled;
  throw new ProblemError('idempotency-answer-not-kept', {
    detail:
      'The request was carried out the first time, and was not run again. Its answer was too large ' +
      'to be kept: look its effect up.',
  });
}

function quotaExceeded(): ProblemError {
  return new ProblemError('idempotency-quota-exceeded', {
    detail:
      'So much was stored for your Idempotency-Keys in the last 24 hours that no new key is taken. ' +
      'The request was not run. Try again in an hour, or send it without a key.',
    headers: { 'retry-after': '3600' },
  });
}

function inProgress(): ProblemError {
  return new ProblemError('idempotency-in-progress', {
    detail: 'The first request with this Idempotency-Key is still running. Try again in a second.',
    headers: { 'retry-after': '1' },
  });
}
