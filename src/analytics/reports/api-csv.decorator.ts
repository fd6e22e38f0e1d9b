import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';

/** Documents an answer that can be had as JSON of this type, or as CSV. */
export const ApiJsonOrCsv = (type: Type, csv: string): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(type),
    ApiOkResponse({
      description: 'As JSON, or as a CSV file (`Accept: text/csv`, or `format=csv`).',
      headers: {
        'Content-Disposition': {
          description: 'The name of the CSV file.',
          schema: { type: 'string' },
          example: 'attachment; filename="clicks.csv"',
        },
      },
      content: {
        'application/json': { schema: { $ref: getSchemaPath(type) } },
        'text/csv': { schema: { type: 'string' }, example: csv },
      },
    }),
  );
