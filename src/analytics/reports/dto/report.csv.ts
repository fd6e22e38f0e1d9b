import { csvLine } from '../../../common/csv.js';
import type { ClickEvent, Report, ToldCounts } from '../reports.types.js';
import { ClickEventResponse } from './click-event.response.js';

const COUNTS = ['clicks', 'humans', 'bots', 'visitors'] as const;
const EVENT = [
  'id',
  'clickedAt',
  'country',
  'referrer',
  'browser',
  'os',
  'device',
  'language',
  'utmSource',
  'utmMedium',
  'utmCampaign',
  'isBot',
  'target',
  'qr',
] as const satisfies readonly (keyof ClickEventResponse)[];

/** The series or, if it was asked to be grouped, the breakdown: a CSV file is one table. */
export function reportCsv(report: Report, isGrouped: boolean): string {
  return isGrouped ? breakdownCsv(report) : seriesCsv(report);
}

function seriesCsv({ series }: Report): string {
  const lines = series.map((bucket) => csvLine([bucket.start, ...cells(bucket)]));
  return [csvLine(['start', ...COUNTS]), ...lines].join('');
}

function breakdownCsv({ breakdown }: Report): string {
  const lines = breakdown.map((row) =>
    csvLine([row.dimension, row.value, row.other, ...cells(row)]),
  );
  return [csvLine(['dimension', 'value', 'other', ...COUNTS]), ...lines].join('');
}

const cells = (counts: ToldCounts): (number | null)[] => COUNTS.map((name) => counts[name]);

/** Piece by piece, so that a million clicks take no more memory than a thousand. */
export async function* eventsCsv(batches: AsyncIterable<ClickEvent[]>): AsyncGenerator<string> {
  yield csvLine(EVENT);
  for await (const batch of batches) {
    const events = batch.map((event) => ClickEventResponse.from(event));
    yield events.map((event) => csvLine(EVENT.map((name) => event[name]))).join('');
  }
}
