import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Type } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsObject,
  IsUUID,
  ValidateIf,
} from 'class-validator';
import { IF_MATCH_PATTERN, versionsOf } from '../../common/etag.js';
import { type FieldError, ProblemError } from '../../common/problem/problem.error.js';
import {
  MAX_ERRORS,
  MAX_VALUES,
  shortName,
  tooManyValues,
} from '../../common/problem/request-limits.js';
import { RequestValidationPipe } from '../../common/problem/validation.pipe.js';
import { jsonPointer } from '../../common/problem/validation.js';
import {
  EXTERNAL_ID_RULE,
  EXTERNAL_ID_SCHEMA,
  isExternalId,
} from '../../common/validation/text.rules.js';
import { pointed } from '../link-batches.problems.js';
import type { LinkBatch, LinkOperation } from '../links.types.js';
import { CreateLinkRequest, isGiven } from './create-link.request.js';
import { PutLinkRequest } from './put-link.request.js';
import { UpdateLinkRequest } from './update-link.request.js';

export const MAX_OPERATIONS = 500;

/** So few that what waits for the event loop does not wait long. */
const VALIDATED_AT_ONCE = 5;

const KINDS = ['create', 'update', 'delete', 'upsert'] as const;
type Kind = (typeof KINDS)[number];

/** The members of each kind of operation; those of the second list name the link, one of them. */
const MEMBERS: Record<Kind, { always: string[]; oneOf: string[]; sometimes: string[] }> = {
  create: { always: ['link'], oneOf: [], sometimes: [] },
  update: { always: ['link'], oneOf: ['id', 'externalId'], sometimes: ['ifMatch'] },
  delete: { always: [], oneOf: ['id', 'externalId'], sometimes: ['ifMatch'] },
  upsert: { always: ['externalId', 'link'], oneOf: [], sometimes: ['ifMatch'] },
};

const SCHEMAS: Record<string, object> = {
  id: { type: 'string', format: 'uuid' },
  externalId: EXTERNAL_ID_SCHEMA,
  ifMatch: {
    type: 'string',
    pattern: IF_MATCH_PATTERN,
    description: 'As the header If-Match of the single operation.',
  },
};
const LINKS: Record<Kind, Type | undefined> = {
  create: CreateLinkRequest,
  update: UpdateLinkRequest,
  delete: undefined,
  upsert: PutLinkRequest,
};

function schemasOf(kind: Kind): object[] {
  const { always, oneOf, sometimes } = MEMBERS[kind];
  const link = LINKS[kind] && { $ref: getSchemaPath(LINKS[kind]) };
  return (oneOf.length > 0 ? oneOf : [[]]).map((name) => {
    const required = [...always, name].flat();
    const members = [...required, ...sometimes];
    return {
      type: 'object',
      additionalProperties: false,
      required: ['op', ...required],
      properties: {
        op: { type: 'string', enum: [kind] },
        ...Object.fromEntries(
          members.map((member) => [member, member === 'link' ? link : SCHEMAS[member]]),
        ),
      },
    };
  });
}

/** What somebody has sent for an operation, as far as its shape is known. */
interface SentOperation {
  op: Kind;
  id?: string;
  externalId?: string;
  ifMatch?: string;
  link?: object;
}

@ApiExtraModels(CreateLinkRequest, UpdateLinkRequest, PutLinkRequest)
export class LinkBatchRequest {
  @ApiPropertyOptional({
    default: false,
    description: 'Whether nothing is to be done if any operation is refused.',
    example: false,
  })
  @ValidateIf(isGiven)
  @IsBoolean()
  atomic?: boolean;

  @ApiPropertyOptional({
    format: 'uuid',
    description:
      'The workspace of external ids, and of new links that name none; your personal one if absent.',
    example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  })
  @ValidateIf(isGiven)
  @IsUUID()
  workspaceId?: string;

  @ApiProperty({
    type: 'array',
    minItems: 1,
    maxItems: MAX_OPERATIONS,
    items: { oneOf: KINDS.flatMap(schemasOf) },
    example: [
      { op: 'create', link: { url: 'https://example.com/', tags: ['sale'] } },
      { op: 'upsert', externalId: 'product-4711', link: { url: 'https://example.com/4711' } },
      { op: 'delete', externalId: 'product-4712', ifMatch: '"3"' },
    ],
  })
  @IsObject({ each: true })
  @ArrayMaxSize(MAX_OPERATIONS)
  @ArrayMinSize(1)
  @IsArray()
  operations: object[];

  /**
   * Of the body as it was sent: class-transformer copies all there is in a body, which takes long of a large
   * one, and loses members such as toString.
   * @throws ProblemError invalid-request if it is no batch, or an operation has not got the shape of one
   */
  static async toBatch(body: unknown): Promise<LinkBatch> {
    const { atomic, workspaceId } = await validated(withoutMembers(body), LinkBatchRequest);
    const { operations } = body as LinkBatchRequest;
    const errors = operations.flatMap((operation, index) => wrongMembers(operation, index));
    if (errors.length > 0) {
      const many = errors.length === 1 ? 'One field is' : `${errors.length} fields are`;
      throw new ProblemError('invalid-request', {
        detail: `${many} wrong, so nothing was done; see errors.`,
        errors: errors.slice(0, MAX_ERRORS),
      });
    }
    const known: LinkBatch['operations'] = [];
    for (const [index, operation] of operations.entries()) {
      if (index % VALIDATED_AT_ONCE === VALIDATED_AT_ONCE - 1) await nextTurn();
      known.push(await toOperation(operation as SentOperation, index).catch(unlessRefused));
    }
    return { atomic: atomic ?? false, workspaceId, operations: known };
  }
}

/** The body with operations of which no more is known than whether they are objects. */
function withoutMembers(body: unknown): unknown {
  const { operations } = Object(body) as { operations?: unknown };
  if (!Array.isArray(operations)) return body;
  const emptied = operations
    .slice(0, MAX_OPERATIONS + 1)
    .map((one) => (isOfType(one, 'object') ? {} : 0));
  return { ...(body as object), operations: emptied };
}

/** What keeps it from being an operation at all. */
function wrongMembers(operation: object, index: number): FieldError[] {
  const here = ['operations', index];
  const sent = operation as Record<string, unknown>;
  const { op } = sent;
  if (!KINDS.includes(op as Kind)) {
    const code = op === undefined ? 'required' : 'not-supported';
    const detail = `op must be one of ${KINDS.join(', ')}`;
    return [{ pointer: jsonPointer([...here, 'op']), code, detail }];
  }
  const { always, oneOf, sometimes } = MEMBERS[op as Kind];
  const allowed = new Set(['op', ...always, ...oneOf, ...sometimes]);
  const wrong = (member: string, code: string, detail: string): FieldError => {
    const name = shortName(member);
    return { pointer: jsonPointer([...here, name]), code, detail: `${name} ${detail}` };
  };
  const errors = Object.keys(sent).flatMap((member) => {
    if (!allowed.has(member)) {
      return wrong(member, 'not-allowed', `is not a field of ${String(op)}`);
    }
    const type = member === 'link' ? 'object' : 'string';
    return isOfType(sent[member], type)
      ? []
      : wrong(member, 'wrong-type', `must be a JSON ${type}`);
  });
  for (const member of always) {
    if (!Object.hasOwn(sent, member)) errors.push(wrong(member, 'required', 'is required'));
  }
  const names = oneOf.filter((member) => Object.hasOwn(sent, member));
  if (oneOf.length > 0 && names.length !== 1) {
    const code = names.length === 0 ? 'required' : 'not-allowed';
    const detail = 'the link must be named by id or by externalId, and not by both';
    errors.push({ pointer: jsonPointer(here), code, detail });
  }
  return errors;
}

const isOfType = (value: unknown, type: 'object' | 'string'): boolean =>
  typeof value === type && value !== null && !Array.isArray(value);

/** @throws ProblemError invalid-request as of the single operation, with pointers into the batch */
async function toOperation(
  { op, id, externalId, ifMatch, link }: SentOperation,
  index: number,
): Promise<LinkOperation> {
  const here = `/operations/${index}`;
  if (externalId !== undefined && !isExternalId(externalId)) {
    const detail = `externalId ${EXTERNAL_ID_RULE}`;
    throw new ProblemError('invalid-request', {
      detail: `${detail}.`,
      errors: [{ pointer: `${here}/externalId`, code: 'invalid', detail }],
    });
  }
  const versions = located(`${here}/ifMatch`, () => versionsOf(ifMatch));
  const name = id === undefined ? { externalId } : { id };
  if (op === 'delete') return { op, ...name, versions };
  const sent = await validatedAt(`${here}/link`, link!, LINKS[op]!);
  if (op === 'update') {
    return { op, ...name, versions, changes: UpdateLinkRequest.toChanges(sent) };
  }
  const newLink = CreateLinkRequest.toNewLink(sent as CreateLinkRequest);
  if (op === 'create') return { op, link: newLink };
  const mustExist = ifMatch !== undefined;
  return { op, externalId: externalId!, link: newLink, versions, mustExist };
}

function located<T>(pointer: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ProblemError ? pointed(error, () => pointer) : error;
  }
}

const pipe = new RequestValidationPipe();

const validated = <T>(body: unknown, metatype: Type<T>): Promise<T> =>
  pipe.transform(body, { type: 'body', metatype }) as Promise<T>;

/** By the same rules as the body of the single operation, also in how much there may be in it. */
async function validatedAt(here: string, link: object, metatype: Type): Promise<UpdateLinkRequest> {
  try {
    if (countValues(link) > MAX_VALUES) throw tooManyValues('', MAX_VALUES);
    return await validated<UpdateLinkRequest>(link, metatype);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    throw pointed(error, (pointer) => `${here}${pointer}`);
  }
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + countValues(item), 1);
}

function unlessRefused(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  throw error;
}
