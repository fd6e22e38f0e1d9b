import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** An answer as it came over the wire; the body is parsed if it is JSON. */
export interface ObservedResponse {
  method: string;
  /** The path that was asked for, without the query. */
  path: string;
  status: number;
  headers: Headers;
  body: unknown;
}

interface DocumentedResponse {
  headers?: Record<string, unknown>;
  content?: Record<string, { schema: object }>;
}
type Operations = Record<string, { responses: Record<string, DocumentedResponse> }>;

/** These are part of every answer that documents them; other headers depend on the answer. */
const ALWAYS_SENT = ['X-Request-Id', 'WWW-Authenticate', 'Retry-After'];
const DOCUMENT_ID = 'https://signpost.test/openapi.json';
const validators = new WeakMap<OpenAPIObject, Ajv2020>();

/** @throws Error saying how the response differs from what the document promises. */
export function expectConforms(document: OpenAPIObject, response: ObservedResponse): void {
  const what = `${response.method} ${response.path} → ${response.status}`;
  const template = templateOf(document, response.path);
  const method = response.method === 'HEAD' ? 'get' : response.method.toLowerCase();
  const operations = template === undefined ? {} : (document.paths[template] as Operations);
  const documented = operations[method]?.responses[response.status];
  const pointer = ['paths', template ?? '', method, 'responses', String(response.status)];

  if (!operations[method]) {
    // What is not documented must not work: it is a problem that says so.
    if (response.status !== 404 && response.status !== 405) {
      throw new Error(`${what}: this operation is not documented`);
    }
    checkBody(document, ['components', 'schemas', 'ProblemResponse'], response, what);
    return;
  }
  if (!documented) throw new Error(`${what}: this status is not documented`);
  for (const name of ALWAYS_SENT) {
    if (documented.headers?.[name] && !response.headers.has(name)) {
      throw new Error(`${what}: the documented header ${name} is missing`);
    }
  }
  if (response.method === 'HEAD') return;
  const isMinimal = response.headers.get('preference-applied') === 'return=minimal';
  if (isMinimal && response.body === undefined) return;
  if (!documented.content) {
    if (response.body !== undefined) throw new Error(`${what}: no body is documented`);
    return;
  }
  const type = mediaType(response.headers);
  if (!documented.content[type]) throw new Error(`${what}: ${type} is not documented`);
  checkBody(document, [...pointer, 'content', type, 'schema'], response, what);
}

const mediaType = (headers: Headers): string =>
  (headers.get('content-type') ?? 'none').split(';', 1)[0]!.trim();

/** The path of the document that stands for this one; literal segments win over parameters. */
function templateOf(document: OpenAPIObject, path: string): string | undefined {
  const segments = path.split('/');
  const parameters = (template: string): number => template.split('{').length;
  return Object.keys(document.paths)
    .filter((template) => {
      const expected = template.split('/');
      return (
        expected.length === segments.length &&
        expected.every((part, index) => isLike(part, segments[index]!))
      );
    })
    .toSorted((a, b) => parameters(a) - parameters(b))[0];
}

/** A parameter may have literal characters behind it. */
function isLike(part: string, segment: string): boolean {
  if (!part.startsWith('{')) return part === segment;
  return segment.endsWith(part.slice(part.indexOf('}') + 1));
}

function checkBody(
  document: OpenAPIObject,
  pointer: string[],
  { body }: ObservedResponse,
  what: string,
): void {
  const validate = validatorFor(document, pointer);
  if (validate(body)) return;
  const errors = validate.errors?.map(
    ({ instancePath, message, params }) =>
      `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
  );
  throw new Error(`${what}: the body is not as documented:\n  ${errors?.join('\n  ')}`);
}

function validatorFor(document: OpenAPIObject, pointer: string[]): ValidateFunction {
  let ajv = validators.get(document);
  if (!ajv) {
    ajv = new Ajv2020({
      strict: false,
      allErrors: true,
      // ajv-formats has only that of addresses in ASCII.
      formats: { 'idn-email': /^[^@\s]+@[^@\s]+$/ },
    });
    addFormats.default(ajv);
    ajv.addSchema(closed(document) as object, DOCUMENT_ID);
    validators.set(document, ajv);
  }
  const path = pointer.map((part) =>
    encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  const reference = `${DOCUMENT_ID}#/${path.join('/')}`;
  return ajv.getSchema(reference) ?? ajv.compile({ $ref: reference });
}

/** A copy whose object schemas refuse unknown properties, so that none is sent undocumented. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, closed(item)]));
  const isOpenObject = copy['type'] === 'object' && copy['properties'] !== undefined;
  return isOpenObject ? { additionalProperties: false, ...copy } : copy;
}
