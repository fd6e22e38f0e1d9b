import type { ProblemError } from '../common/problem/problem.error.js';

/** A request that carries an Idempotency-Key. */
export interface KeyedRequest {
  /** Whose key it is: the same key of another user is another key. */
  userId: string;
  key: string;
  method: string;
  path: string;
  body: unknown;
}

/** An answer as the handler made it, before it is serialised. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  body?: unknown;
}

/** How a request ended: answered, or refused with a 4xx. */
export type Settled = { answer: Answer } | { refusal: ProblemError };

export type Outcome = Settled & { replayed: boolean };
