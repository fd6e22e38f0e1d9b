import { ProblemError, type FieldError } from '../common/problem/problem.error.js';
import { toProblem } from '../common/problem/problem.mapper.js';
import type { ProblemCode } from '../common/problem/problems.js';
import type { Answer, Settled } from './idempotency.types.js';

/** Refusals that the same request would meet again. A 401 or 429 asks for another try instead. */
const KEPT_REFUSALS = new Set([400, 403, 404, 409, 410, 412, 413, 415]);

/** Larger answers are not kept, only that there was one. Those of the API are a few KB at most. */
const MAX_BYTES = 65_536;

interface StoredProblem {
  code: ProblemCode;
  detail: string;
  errors?: FieldError[];
  headers: Record<string, string>;
}

/** Without an answer and a problem: what was answered was too large. */
interface StoredRecord {
  fingerprint: string;
  answer?: Answer;
  problem?: StoredProblem;
}

/** The refusal that an error stands for, or undefined if it is a failure on our side. */
export function refusalOf(error: unknown): ProblemError | undefined {
  const problem = toProblem(error);
  return problem && problem.status < 500 ? problem : undefined;
}

/** Whether this end is replayed; if not, the key stays free for another try. */
export function isKept(settled: Settled): boolean {
  return 'answer' in settled || KEPT_REFUSALS.has(settled.refusal.status);
}

/** The text that is kept of a request and its end. */
export function serializeAnswer(fingerprint: string, settled: Settled): string {
  const record: StoredRecord = { fingerprint };
  if ('answer' in settled) record.answer = settled.answer;
  else record.problem = problemOf(settled.refusal);
  const text = JSON.stringify(record);
  return Buffer.byteLength(text) <= MAX_BYTES ? text : JSON.stringify({ fingerprint });
}

/** What was kept; without `settled`, the answer was too large for that. */
export function deserializeAnswer(text: string): { fingerprint: string; settled?: Settled } {
  const { fingerprint, answer, problem } = JSON.parse(text) as StoredRecord;
  if (answer) return { fingerprint, settled: { answer } };
  if (problem)
    return { fingerprint, settled: { refusal: new ProblemError(problem.code, problem) } };
  return { fingerprint };
}

function problemOf({ code, detail, errors, headers }: ProblemError): StoredProblem {
  return { code, detail, errors, headers };
}
