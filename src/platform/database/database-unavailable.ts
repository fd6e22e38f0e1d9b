/** Node's names for "the server is not there, or went away". */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // the unix socket of a database that is not running
]);

/**
 * SQLSTATEs: class 08 connection, 57P01-57P05 shutting down, crashed, starting up or closed,
 * 53300 too many clients, 57014 statement timeout, 55P03 lock timeout, 25006 a standby that was
 * not promoted yet.
 */
const SQLSTATE = /^(08...|57P0[1-5]|53300|57014|55P03|25006)$/;

/** Errors of `pg`, TypeORM and `retryRecoveryConflict` that have a text, but no code. */
const MESSAGE =
  /conflict with recovery|timeout exceeded when trying to connect|Query read timeout|Connection terminated|timeout expired|Client has encountered a connection error|Driver not Connected|Cannot use a pool after calling end/i;

const NAMES = new Set(['ConnectionIsNotSetError', 'CannotExecuteNotConnectedError']);

/**
 * Whether the error says that PostgreSQL could not be reached or did not answer in time, so that
 * trying again later is the right advice (503), as opposed to a defect of ours (500).
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let depth = 0; isError(error) && depth < 5; depth += 1) {
    const { code, driverError, errors } = error as Error & {
      code?: unknown;
      driverError?: unknown;
      errors?: unknown[];
    };
    if (typeof code === 'string' && (SQLSTATE.test(code) || isNetworkError(error, code)))
      return true;
    if (NAMES.has(error.name) || MESSAGE.test(error.message)) return true;
    if (errors?.some(isDatabaseUnavailable)) return true;
    error = driverError ?? error.cause;
  }
  return false;
}

/** Only sockets and name look-ups count: a missing file (ENOENT of `open`) is not the database. */
function isNetworkError(error: Error, code: string): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return (
    NETWORK.has(code) &&
    (syscall === undefined || /^(connect|read|write|getaddrinfo)/.test(syscall))
  );
}

/** By its shape: an error of Node itself is of another realm than the code under test in Jest. */
function isError(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'message' in error;
}

/** One line for people. Where several addresses were tried the message is empty: the first one tells. */
export function describeError(error: unknown): string {
  if (!isError(error)) return String(error);
  const { errors } = error as Partial<AggregateError>;
  return error.message === '' && errors?.length ? describeError(errors[0]) : error.message;
}
