import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { prefersType } from '../../../common/prefers-type.js';

const FORMATS = ['json', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** The `format` parameter. */
export const FormatParameter = (): PropertyDecorator => (target, name) => {
  for (const decorate of [
    ApiPropertyOptional({
      enum: FORMATS,
      description: 'The same as `Accept`, which it overrides.',
      example: 'json',
    }),
    IsOptional(),
    IsIn(FORMATS, { message: `$property must be one of ${FORMATS.join(', ')}` }),
  ]) {
    decorate(target, name);
  }
};

/** Whether CSV is wanted; who asks for nothing, or for JSON as much, gets JSON. */
export const wantsCsv = (format: Format | undefined, accept?: string): boolean =>
  format === undefined ? prefersType('text/csv', accept) : format === 'csv';

/** Makes the answer a CSV file of this name. */
export function attachCsv(reply: FastifyReply, name: string): void {
  void reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}"`);
}
