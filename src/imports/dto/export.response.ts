import { Readable } from 'node:stream';
import { applyDecorators, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { csvLine, recoverable } from '../../common/csv.js';
import type { ExportedLink } from '../imports.types.js';

const FORMATS = ['jsonl', 'csv'] as const;
type Format = (typeof FORMATS)[number];

/** Lists and objects are JSON in their cells. */
const COLUMNS = [
  'id',
  'domain',
  'code',
  'shortUrl',
  'externalId',
  'url',
  'title',
  'tags',
  'redirectStatus',
  'startsAt',
  'expiresAt',
  'maxClicks',
  'spentClicks',
  'clicks',
  'importedClicks',
  'disabled',
  'note',
  'fallbackUrl',
  'forwardQuery',
  'forwardPath',
  'trackClicks',
  'hasPassword',
  'rules',
  'split',
  'createdBy',
  'createdAt',
  'updatedAt',
  'disabledAt',
  'disabledReason',
] as const satisfies (keyof ExportedLink)[];

export class ExportQuery {
  @ApiPropertyOptional({
    enum: FORMATS,
    default: 'jsonl',
    description: 'A JSON object a line, or a CSV file.',
    example: 'csv',
  })
  @IsOptional()
  @IsIn(FORMATS, { message: `$property must be one of ${FORMATS.join(', ')}` })
  format?: Format;
}

export const ApiExport = (): MethodDecorator =>
  applyDecorators(
    ApiOkResponse({
      description: 'If it breaks off, so does the connection.',
      headers: {
        'Content-Disposition': {
          description: 'The name of the file.',
          schema: { type: 'string' },
          example: 'attachment; filename="links.jsonl"',
        },
      },
      content: {
        'application/x-ndjson': {
          schema: {
            type: 'string',
            description:
              'A link a line, with the fields of a LinkResponse, `spentClicks` (how many of maxClicks are used up) and `domain` null for the default one.',
          },
        },
        'text/csv': { schema: { type: 'string', description: 'The same, with a header.' } },
      },
    }),
  );

/** All links, a line each; they are sent while they are read. */
export function exportFile(
  batches: AsyncIterable<ExportedLink[]>,
  format: Format = 'jsonl',
): StreamableFile {
  const lines = format === 'csv' ? csvOf(batches) : linesOf(batches);
  return new StreamableFile(Readable.from(lines, { objectMode: false }), {
    type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
    disposition: `attachment; filename="links.${format}"`,
  });
}

async function* linesOf(batches: AsyncIterable<ExportedLink[]>): AsyncGenerator<string> {
  for await (const links of batches) {
    yield links.map((link) => `${JSON.stringify(link)}\n`).join('');
  }
}

async function* csvOf(batches: AsyncIterable<ExportedLink[]>): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  for await (const links of batches) {
    yield links.map((link) => csvLine(COLUMNS.map((column) => cellOf(link[column])))).join('');
  }
}

function cellOf(value: ExportedLink[(typeof COLUMNS)[number]]): string | number | boolean | null {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string') return recoverable(value);
  return typeof value === 'object' && value !== null ? recoverable(JSON.stringify(value)) : value;
}
