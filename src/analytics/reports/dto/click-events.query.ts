import { IntersectionType } from '@nestjs/swagger';
import { PageQuery } from '../../../common/validation/page.query.js';
import type { ClickEventQuery } from '../reports.types.js';
import { type Format, FormatParameter } from './format.query.js';
import { PeriodQuery } from './period.query.js';

export class ClickEventsRequest extends IntersectionType(PeriodQuery, PageQuery) {
  @FormatParameter()
  format?: Format;

  static toQuery({ format: _, ...query }: ClickEventsRequest): ClickEventQuery {
    return query;
  }
}
