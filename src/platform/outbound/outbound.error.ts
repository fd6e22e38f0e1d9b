/** What went wrong, and what the user who gave the address is told of it: never an address inside. */
const MESSAGES = {
  'invalid-url': 'must be an absolute http:// or https:// URL without a user name or password',
  'private-address': 'must not lead to a private or local address',
  'unknown-host': 'has a host that is not known',
  unreachable: 'could not be reached',
  'invalid-certificate': 'has no valid TLS certificate, or does not speak TLS',
  timeout: 'took too long to answer',
  'too-large': 'answered with more than is taken',
  'invalid-answer': 'did not answer as HTTP does',
  aborted: 'was given up',
} as const;

export type OutboundErrorCode = keyof typeof MESSAGES;

/** A request to an address of a user came to nothing; the message completes "The address …". */
export class OutboundError extends Error {
  constructor(
    readonly code: OutboundErrorCode,
    options?: ErrorOptions,
  ) {
    super(MESSAGES[code], options);
  }

  static of(error: unknown): OutboundError {
    return error instanceof OutboundError
      ? error
      : new OutboundError(codeOf(error as NodeJS.ErrnoException), { cause: error });
  }
}

const BY_CODE: Record<string, OutboundErrorCode> = {
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  EAI_FAIL: 'unknown-host',
  EAI_NODATA: 'unknown-host',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'too-large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'invalid-answer',
};

const OF_TLS =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|.*_CERT|.*_CERTIFICATE|UNABLE_TO_|HOSTNAME_)/;

function codeOf({ code, name }: NodeJS.ErrnoException): OutboundErrorCode {
  if (name === 'TimeoutError') return 'timeout';
  if (name === 'AbortError') return 'aborted';
  if (name === 'HTTPParserError') return 'invalid-answer';
  if (typeof code !== 'string') return 'unreachable';
  return BY_CODE[code] ?? (OF_TLS.test(code) ? 'invalid-certificate' : 'unreachable');
}
