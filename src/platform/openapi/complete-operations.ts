import type { OpenAPIObject } from '@nestjs/swagger';
import { problemResponse } from '../../common/problem/api-problems.decorator.js';
import { PROBLEMS, type ProblemCode } from '../../common/problem/problems.js';
import { WITHOUT_IDEMPOTENCY_KEY } from '../../common/without-idempotency-key.decorator.js';
import type { BodyLimits } from '../http/body-limits.decorator.js';
import { ACCEPT_PATCH, FILE } from '../http/json-body.js';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type Parameter = NonNullable<Operation['parameters']>[number];
interface RequestBody {
  description?: string;
  content: Record<string, Body>;
}
interface Response {
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, { examples?: Record<string, unknown> }>;
}

interface Body {
  schema: { $ref?: string; type?: string; format?: string };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Headers are declared once and referred to. */
export const COMMON_HEADERS = {
  'X-Request-Id': {
    description: 'The id of the request: the one you sent, or a new one. It is in every log line.',
    schema: { type: 'string' as const },
    example: '01930e2c-7f4a-7b61-9c55-1f0e2d3c4b5a',
  },
  'Retry-After': {
    description: 'Seconds to wait before trying again.',
    schema: { type: 'integer' as const, minimum: 0 },
    example: 5,
  },
  'RateLimit-Policy': {
    description:
      'The limit that holds for you: its name, how many requests (`q`) you have within how many ' +
      'seconds (`w`). Absent if there is none.',
    schema: { type: 'string' as const },
    example: '"api";q=600;w=60',
  },
  RateLimit: {
    description: 'How many requests you have left (`r`), and in how many seconds all again (`t`).',
    schema: { type: 'string' as const },
    example: '"api";r=571;t=12',
  },
  'Idempotency-Replayed': {
    description: 'Present and true if this is the stored answer of an earlier request.',
    schema: { type: 'string' as const, const: 'true' },
    example: 'true',
  },
  Link: {
    description:
      'Where this API is described (`service-desc`, RFC 8631), and in a list where its next page is (`next`).',
    schema: { type: 'string' as const },
    example: '</openapi.json>; rel="service-desc", <?cursor=AZEtOlsufD-KTZ5vChssPQ>; rel="next"',
  },
  'Preference-Applied': {
    description: 'Which preference was followed.',
    schema: { type: 'string' as const, const: 'return=minimal' },
    example: 'return=minimal',
  },
  'Accept-Patch': {
    description: 'What the body of a PATCH of this may be sent as.',
    schema: { type: 'string' as const },
    example: ACCEPT_PATCH,
  },
  'WWW-Authenticate': {
    description: 'How to authenticate.',
    schema: { type: 'string' as const },
    example: 'Bearer',
  },
};

/** Bare, or as the quoted string of RFC 9651. */
const IDEMPOTENCY_KEY = String.raw`^([!#-~]([ -~]{0,253}[!-~])?|"([ !#-\[\]-~]|\\["\\]){1,255}")$`;

export const COMMON_PARAMETERS: Record<string, Parameter> = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'Makes a retry safe: the first answer is kept for 24 hours and sent again, instead of doing ' +
      'the work twice. 1 to 255 printable ASCII characters, bare or as a quoted string, that you ' +
      'never use for another request: a UUID, say. An answer of more than 1 MB is not kept: a ' +
      'retry is refused then, and never run. For one user 16 MB are kept.',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY },
    example: '7d1a6f0e-5b1c-4f0a-9d3e-2c4b6a8e0f12',
  },
};

/** Adds what is true of all operations, so that no controller has to repeat it. */
export function completeOperations(paths: Paths): void {
  for (const [path, item] of Object.entries(paths)) {
    const isApi = path.startsWith('/api/');
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      operation.security ??= [];
      if (isApi) addCommonProblems(operation);
      // A broken percent-encoding, and a segment that no id is as long as.
      if (isApi && path.includes('{')) {
        addProblem(operation, 'invalid-request');
        addProblem(operation, 'uri-too-long');
      }
      describeBodyLimits(operation);
      if (method === 'patch') takeMergePatch(operation);
      describeRequiredRole(operation);
      const isPost = isApi && method === 'post';
      const takesKey = takesIdempotencyKey(operation) && isPost;
      if (takesKey) addIdempotencyKey(operation);
      else if (isPost) denyIdempotencyKey(operation);
      // Short links do without an id: it would only cost visitors time.
      if (!path.startsWith('/{')) addHeaders(operation, takesKey, item.patch !== undefined);
      if (isApi) addHeadersOfApi(operation);
      if (takesPreference(operation)) addPreferenceApplied(operation);
    }
  }
}

/** No body has fields that are not documented: the pipe refuses them. */
export function closeRequestBodies({ paths, components }: OpenAPIObject): void {
  const schemas = (components?.schemas ?? {}) as Record<string, Record<string, unknown>>;
  const closed = new Set<string>();
  const close = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part ?? {}).matchAll(
      /"#\/components\/schemas\/(\w+)"/g,
    )) {
      if (closed.has(name!)) continue;
      closed.add(name!);
      const schema = schemas[name!]!;
      if (schema['properties'] !== undefined) schema['additionalProperties'] = false;
      close(schema);
    }
  };
  for (const item of Object.values(paths)) {
    for (const method of METHODS) close(item[method]?.requestBody);
  }
}

function addCommonProblems(operation: Operation): void {
  const common: ProblemCode[] = ['quota-exceeded', 'internal-error', 'database-unavailable'];
  // An API key may not do everything, whatever it is that a user may.
  if (operation.security?.length) common.push('unauthenticated', 'forbidden');
  if (operation.requestBody) {
    common.push('invalid-request', 'malformed-json', 'body-too-large', 'unsupported-media-type');
  }
  for (const code of common) addProblem(operation, code);
}

/** What LimitBody has written into the document, in words and as a kind of body. */
function describeBodyLimits(operation: Operation): void {
  const { 'x-body-limits': limits, requestBody } = operation as {
    'x-body-limits'?: BodyLimits;
    requestBody?: RequestBody;
  };
  if (!limits || !requestBody) return;
  if (limits.isFile) requestBody.content[FILE] = { schema: { type: 'string', format: 'binary' } };
  const { bytes, values } = limits;
  if (!bytes && !values) return;
  const most = [bytes && `${bytes} bytes`, values && `${values} members and elements in all`];
  requestBody.description = `At most ${most.filter(Boolean).join(' and ')}.`;
}

/** Absent members stay, and null clears: JSON for a PATCH is a merge patch, by whichever name. */
function takeMergePatch({ requestBody }: Operation): void {
  const { content } = requestBody as RequestBody;
  for (const type of ACCEPT_PATCH.split(', ')) content[type] = content['application/json']!;
}

/** In words what RequireRole has written into the document. */
function describeRequiredRole(operation: Operation): void {
  const marked = operation as { 'x-required-permission'?: string; 'x-required-role'?: string[] };
  const { 'x-required-permission': permission, 'x-required-role': roles } = marked;
  if (!permission || !roles) return;
  const isForKeys = 'x-required-scope' in operation;
  addSentence(
    operation,
    `Needs \`${permission}\` in the workspace: ${roles.join(', ')}${isForKeys ? ', or an API key with this scope' : ''}.`,
  );
}

function addSentence(operation: Operation, sentence: string): void {
  operation.description = [operation.description, sentence].filter(Boolean).join(' ');
}

/** Keys belong to users: where nobody has to say who they are, a key is ignored. */
function takesIdempotencyKey(operation: Operation): boolean {
  const marked = operation as { [WITHOUT_IDEMPOTENCY_KEY]?: boolean };
  const isWithout = marked[WITHOUT_IDEMPOTENCY_KEY] ?? false;
  // Its reader is told in words.
  delete marked[WITHOUT_IDEMPOTENCY_KEY];
  return !isWithout && operation.security!.length > 0;
}

function denyIdempotencyKey(operation: Operation): void {
  addSentence(operation, 'An `Idempotency-Key` is ignored: what is answered here is never stored.');
}

function addIdempotencyKey(operation: Operation): void {
  (operation.parameters ??= []).push({ $ref: '#/components/parameters/IdempotencyKey' });
  for (const code of [
    'invalid-request',
    'idempotency-key-reused',
    'idempotency-in-progress',
    'idempotency-answer-not-kept',
    'idempotency-quota-exceeded',
  ] as const) {
    addProblem(operation, code);
  }
}

/** Beside the other problems of the same status that the controller has named. */
function addProblem(operation: Operation, code: ProblemCode): void {
  const { status } = PROBLEMS[code];
  const responses = operation.responses as Record<string, Response>;
  const present = responses[status]?.content?.['application/problem+json']?.examples ?? {};
  const codes = [...new Set([...Object.keys(present), code])] as ProblemCode[];
  const { status: _, ...response } = problemResponse(status, codes);
  responses[status] = { ...responses[status], ...response };
}

function addHeaders(operation: Operation, isIdempotent: boolean, isPatchable: boolean): void {
  for (const [status, response] of Object.entries(
    operation.responses as Record<string, Response>,
  )) {
    response.headers = { ...response.headers, 'X-Request-Id': header('X-Request-Id') };
    if (isPatchable) response.headers['Accept-Patch'] = header('Accept-Patch');
    if (status === '401') response.headers['WWW-Authenticate'] = header('WWW-Authenticate');
    if (isIdempotent && status !== '500' && status !== '503') {
      response.headers['Idempotency-Replayed'] = header('Idempotency-Replayed');
    }
    if (status === '429' || status === '503') {
      response.headers['Retry-After'] = header('Retry-After');
    }
  }
}

function addHeadersOfApi(operation: Operation): void {
  for (const response of Object.values(operation.responses as Record<string, Response>)) {
    for (const name of ['RateLimit-Policy', 'RateLimit', 'Link'] as const) {
      response.headers = { ...response.headers, [name]: header(name) };
    }
  }
}

/** ReturnsMinimal has written so into the document. */
const takesPreference = ({ parameters = [] }: Operation): boolean =>
  parameters.some((parameter) => 'name' in parameter && parameter.name === 'Prefer');

function addPreferenceApplied(operation: Operation): void {
  for (const [status, response] of Object.entries(
    operation.responses as Record<string, Response>,
  )) {
    if (!status.startsWith('2')) continue;
    response.headers = { ...response.headers, 'Preference-Applied': header('Preference-Applied') };
  }
}

const header = (name: keyof typeof COMMON_HEADERS) => ({ $ref: `#/components/headers/${name}` });
