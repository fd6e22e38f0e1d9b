import { IntersectionType } from '@nestjs/swagger';
import { ApiCursor, PageQuery } from '../../../common/validation/page.query.js';
import { POSITION_PATTERN } from '../click-position.js';
import type { ClickEventQuery } from '../reports.types.js';
import { type Format, FormatParameter } from './format.query.js';
import { PeriodQuery } from './period.query.js';

export class ClickEventsRequest extends IntersectionType(PeriodQuery, PageQuery) {
  @ApiCursor(POSITION_PATTERN, 'AZEtOlsufD-KTZ5vChssPQmamq5vwh')
  override cursor?: string;

  @FormatParameter()
  format?: Format;

  static toQuery({ format: _, ...query }: ClickEventsRequest): ClickEventQuery {
    return query;
  }
}
