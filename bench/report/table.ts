import type { Isolation } from '../isolation.ts';
import type { Measurement } from '../measurement.ts';
import type { Startup } from '../startup.ts';
import type { Sustained } from '../sustained.ts';
import type { Results } from './results.types.ts';

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const ms = (value: number): string => value.toFixed(1);
/** On a line of its own, if there is any. */
const sentence = (text: string | undefined): string => (text === undefined ? '' : `${text}\n`);
const mebibytes = (bytes: number | undefined): string =>
  bytes === undefined ? '?' : whole(bytes / 2 ** 20);

/** Everything, in Markdown. */
export function resultTables(results: Results): string {
  const { about, burst, oneCore, workers, sustained, isolation, startup } = results;
  const sections = [
    Object.entries(about)
      .map(([name, value]) => `- ${name}: ${value}\n`)
      .join(''),
    ...contestTables(burst, ''),
    ...contestTables(oneCore, ', PostgreSQL on the core of the server'),
    ...contestTables(workers, ', all cores for everybody'),
    sustained.length > 0 ? sustainedTable(sustained) : '',
    isolation ? isolationTable(isolation) : '',
    startup.length > 0 ? startupTable(startup) : '',
  ];
  return sections.filter((section) => section !== '').join('\n');
}

const CONTEST_HEAD = [
  '',
  'redirects/s',
  'min – max',
  'into PostgreSQL/s',
  'of Fastify',
  'of one UPDATE',
  'p50 ms',
  'p99 ms',
  'p99.9 ms',
  'RSS idle, MiB',
  'loaded',
];

/** One for each number of links. */
function contestTables(measurements: Measurement[], circumstances: string): string[] {
  const sizes = new Set(measurements.map(({ codes }) => codes));
  return [...sizes].map((size) =>
    contestTable(
      `${whole(size)} links, asked for at random${circumstances}`,
      measurements.filter(({ codes }) => codes === size),
    ),
  );
}

function contestTable(heading: string, measurements: Measurement[]): string {
  const medianOf = (wanted: string): number =>
    measurements.find(({ name }) => name === wanted)?.redirectsPerSecond.median ?? NaN;
  const [fastify, update] = [medianOf('fastify'), medianOf('nest-typeorm')];
  const ratio = (rate: number, other: number, digits: number): string =>
    Number.isNaN(other) ? '' : (rate / other).toFixed(digits);
  return markdown(
    CONTEST_HEAD,
    measurements.map(({ title, redirectsPerSecond: rate, ...of }) => [
      title,
      whole(rate.median),
      `${whole(rate.min)} – ${whole(rate.max)}`,
      of.ingestedPerSecond ? whole(of.ingestedPerSecond.median) : '',
      ratio(rate.median, fastify, 2),
      ratio(rate.median, update, 1),
      ...[of.p50, of.p99, of.p999].map(({ median }) => ms(median)),
      ...[of.idleBytes, of.residentBytes].map(mebibytes),
    ]),
    heading,
  );
}

const sustainedTable = (rows: Sustained[]): string =>
  markdown(
    ['', 's', 'redirects/s', 'into PostgreSQL/s', 'p99 ms', 'lag s', 'waiting', 'catch-up s'],
    rows.map((row) => [
      row.title,
      String(row.seconds),
      whole(row.redirectsPerSecond),
      whole(row.ingestedPerSecond),
      ms(row.p99),
      row.lagSeconds.map(ms).join(' → '),
      row.waitingClicks.map(whole).join(' → '),
      ms(row.catchUpSeconds),
    ]),
    'Redirects and ingestion side by side',
    rows.map(({ complaint }) => sentence(complaint)).join(''),
  );

/** How redirects at half of full load fare, alone and beside everything else. */
export function isolationTable(isolation: Isolation): string {
  const { fullRate, quiet, beginning, busy, done, waitingClicks, complaint } = isolation;
  const { seconds, logins, links, reports, ingestedClicks } = done;
  const waiting = waitingClicks.map((pair) => pair.map(whole).join(' → ')).join(', ');
  const beside = `8 clients that log in, 4 that make links, one with reports, ingestion`;
  const rows = {
    'nothing else': quiet,
    [`${beside}: the first seconds`]: beginning,
    'after that': busy,
  };
  return markdown(
    ['', 'redirects/s', 'p50 ms', 'p99 ms', 'p99.9 ms'],
    Object.entries(rows).map(([what, of]) => [
      what,
      whole(of.rate),
      ...[of.p50, of.p99, of.p999].map(ms),
    ]),
    `Half of full load (${whole(fullRate)}/s), beside`,
    `p99 grows by a factor of ${(beginning.p99 / quiet.p99).toFixed(1)} in the first seconds, ` +
      `${(busy.p99 / quiet.p99).toFixed(1)} after that. Done in ${whole(seconds)} s: ` +
      `${logins} logins, ${links} links, ${reports} reports, ${whole(ingestedClicks)} clicks ingested. ` +
      `Medians of ${waitingClicks.length} rounds; clicks waiting: ${waiting}.\n${sentence(complaint)}`,
  );
}

const startupTable = (rows: Startup[]): string =>
  markdown(
    ['', 'first redirect, ms', 'idle RSS, MiB'],
    rows.map((row) => [row.title, whole(row.firstRedirectMs), mebibytes(row.idleBytes)]),
    'Start-up',
  );

function markdown(head: string[], rows: string[][], title: string, note = ''): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length)),
  );
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |\n`;
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return `### ${title}\n\n${line(head)}${line(rule)}${rows.map(line).join('')}${note && `\n${note}`}`;
}
