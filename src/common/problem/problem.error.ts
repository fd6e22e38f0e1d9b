import { PROBLEMS, type ProblemCode } from './problems.js';

/** One wrong field: where (RFC 6901 pointer into the body, or `?name`), which rule, and what is expected. */
export interface FieldError {
  pointer: string;
  code: string;
  detail: string;
}

export interface ProblemOptions {
  detail?: string;
  errors?: FieldError[];
  /** The rate limits that were exceeded. */
  violatedPolicies?: string[];
  headers?: Record<string, string>;
  cause?: unknown;
}

/** The one error that features throw to answer with a problem; anything else is a defect and becomes a 500. */
export class ProblemError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors?: FieldError[];
  readonly violatedPolicies?: string[];
  readonly headers: Record<string, string>;

  constructor(
    readonly code: ProblemCode,
    options: ProblemOptions = {},
  ) {
    super(`${code}: ${options.detail ?? PROBLEMS[code].title}`, { cause: options.cause });
    this.name = 'ProblemError';
    this.status = PROBLEMS[code].status;
    this.title = PROBLEMS[code].title;
    this.detail = options.detail ?? `${this.title}.`;
    this.errors = options.errors;
    this.violatedPolicies = options.violatedPolicies;
    this.headers = options.headers ?? {};
  }
}
