import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsUUID } from 'class-validator';
import type { LinkTotalsQuery } from '../reports.types.js';
import { PeriodQuery } from './period.query.js';
import { toList } from './query.rules.js';

const MAX_LINKS = 100;

export class LinkTotalsRequest extends PeriodQuery {
  @ApiProperty({
    type: 'array',
    items: { type: 'string', format: 'uuid' },
    minItems: 1,
    maxItems: MAX_LINKS,
    description: `The ids of 1 to ${MAX_LINKS} links, with commas.`,
    example: ['01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d', '01912d3a-7777-7c3f-8a4d-9e6f0a1b2c3d'],
  })
  @IsUUID(undefined, { each: true, message: '$property must be UUIDs' })
  @ArrayMaxSize(MAX_LINKS)
  @ArrayMinSize(1)
  @Transform((parameters) => (parameters.value === undefined ? undefined : toList(parameters)))
  ids: string[];

  static toQuery({ ids, from, to, timezone }: LinkTotalsRequest): LinkTotalsQuery {
    return { linkIds: [...new Set(ids.map((id) => id.toLowerCase()))], from, to, timezone };
  }
}
