import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';

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
export function wantsCsv(format: Format | undefined, accept = ''): boolean {
  if (format !== undefined) return format === 'csv';
  const types = accept
    .split(',')
    .filter((part) => !/;\s*q=0(\.0{0,3})?\s*$/i.test(part))
    .map((part) => part.split(';', 1)[0]!.trim().toLowerCase());
  const [csv, json] = [types.indexOf('text/csv'), types.indexOf('application/json')];
  return csv !== -1 && (json === -1 || csv < json);
}

/** Makes the answer a CSV file of this name. */
export function attachCsv(reply: FastifyReply, name: string): void {
  void reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${name}"`);
}
