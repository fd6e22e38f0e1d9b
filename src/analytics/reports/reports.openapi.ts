import { MOST_VALUES } from '../analytics.types.js';
import { LIMITS } from './time-range.js';

/** What every report has in common, for those who read the API documentation. */
export const ABOUT_REPORTS = `A click is in here within two seconds; while redirects keep the server busy, within half a minute.

By default the last 30 days, today included. Times are rounded to 15 minutes, outwards. The range is ${LIMITS}. The first bucket may begin before \`from\`: it counts only what lies in the range.

Reports read what was counted in advance, so they reach back to the first click, also where single clicks are no longer kept.

Visitors choose most of their values freely, so of a day with more than ${MOST_VALUES.link.toLocaleString('en')} values of a dimension (of a workspace, ${MOST_VALUES.workspace.toLocaleString('en')}) the most frequent are told apart, and the rest is counted together: in the row with \`other: true\`, or by the filter \`(other)\`. Totals are exact always; a value that was rare may be shown with fewer clicks than it had. Single clicks keep their values.

Visitors under filters are those of the clicks that pass. Countries, browsers, systems and devices are the same for all clicks of a visitor on a day; by other values visitors are counted from the single clicks, if there are at most 10,000 on the days of the range. Where \`visitors\` is null, it cannot be told how many of the humans came more than once: it is never a number that may be wrong.

As CSV: the series or, with \`groupBy\`, the breakdown. Values that a spreadsheet would take for a formula begin with an apostrophe, and so does what it would take for one after a semicolon in them. Where \`visitors\` cannot be told, the cell is empty.`;

export const SERIES_CSV =
  'start,clicks,humans,bots,visitors\r\n2026-11-01T00:00:00+01:00,120,100,20,80\r\n';

export const EVENTS_CSV =
  'id,clickedAt,country,referrer,browser,os,device,language,utmSource,utmMedium,utmCampaign,isBot,target,qr\r\n' +
  '01912d3a-9999-7c3f-8a4d-9e6f0a1b2c3d,2026-11-23T09:41:12.345Z,DE,news.example,Firefox,Linux,desktop,de,newsletter,email,summer-sale,false,,\r\n';
