import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { ProblemError, type FieldError } from '../common/problem/problem.error.js';
import { toProblem } from '../common/problem/problem.mapper.js';
import type { ProblemCode } from '../common/problem/problems.js';
import type { Answer, Settled } from './idempotency.types.js';

/** Refusals that the same request would meet again. A 401 or 429 asks for another try instead. */
const KEPT_REFUSALS = new Set([400, 403, 404, 409, 410, 412, 413, 415]);

/** Larger answers are not kept, only that there was one. Those of 500 links are some 400 KB. */
const MAX_BYTES = 1_048_576;

/** Larger ones are kept compressed, so that those of many links take a tenth; most are a few KB. */
const PLAIN_BYTES = 65_536;

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
  const bytes = Buffer.byteLength(text);
  if (bytes <= PLAIN_BYTES) return text;
  if (bytes > MAX_BYTES) return JSON.stringify({ fingerprint });
  return JSON.stringify({ deflated: deflateRawSync(text, { level: 1 }).toString('base64') });
}

/** What was kept; without `settled`, the answer was too large for that. */
export function deserializeAnswer(text: string): { fingerprint: string; settled?: Settled } {
  const { deflated, ...record } = JSON.parse(text) as StoredRecord & { deflated?: string };
  if (deflated !== undefined) {
    return deserializeAnswer(inflateRawSync(Buffer.from(deflated, 'base64')).toString());
  }
  const { fingerprint, answer, problem } = record;
  if (answer) return { fingerprint, settled: { answer } };
  if (problem)
    return { fingerprint, settled: { refusal: new ProblemError(problem.code, problem) } };
  return { fingerprint };
}

function problemOf({ code, detail, errors, headers }: ProblemError): StoredProblem {
  return { code, detail, errors, headers };
}
