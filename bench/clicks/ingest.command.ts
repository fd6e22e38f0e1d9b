import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ClickMaker } from './click-maker.ts';
import { databaseWithLinks, type BenchDatabase } from './database.ts';
import { Ingestion } from './ingestion.ts';
import { randomNumbers } from '../../test/support/random-numbers.ts';
import { timeReports, type ReportTime } from './reports.ts';

const USAGE = `Usage: npm run bench:ingest -- [options]
  --links 1000,100000,1000000  numbers of links that are clicked
  --clicks 600000              clicks of each measurement
  --grow 20000000              clicks that the table of the last number of links grows to,
                               a day of clicks after the other; reports are timed then
  --days 30                    over how many days
  --grow-links 100000          with how many links
  --links-per-workspace 1000
  --requests 200               requests for each kind of report
  --out bench/results          where ingest.json and ingest.md go
`;

interface Step {
  links: number;
  /** In the table, after the step. */
  clicks: number;
  clicksPerSecond: number;
  bytesPerClick: number;
}

const DAY_MS = 86_400_000;
/** All that was said, for ingest.md. */
const lines: string[] = [];
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
  lines.push(line);
};
const { values } = parseArgs({
  options: {
    links: { type: 'string', default: '1000,100000,1000000' },
    clicks: { type: 'string', default: '600000' },
    grow: { type: 'string', default: '20000000' },
    days: { type: 'string', default: '30' },
    'grow-links': { type: 'string', default: '100000' },
    'links-per-workspace': { type: 'string', default: '1000' },
    requests: { type: 'string', default: '200' },
    out: { type: 'string', default: 'bench/results' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  say(USAGE);
  process.exit();
}

const steps: Step[] = [];
for (const links of values.links.split(',').filter(Boolean).map(Number)) {
  await withDatabase(links, async (database, maker, ingestion) => {
    await ingest(database, maker, ingestion, Number(values.clicks) / 3, Date.now());
    await ingest(database, maker, ingestion, (Number(values.clicks) * 2) / 3, Date.now());
  });
}
const reports = await grow();
mkdirSync(values.out, { recursive: true });
const machine = `${cpus().length} x ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
const date = new Date().toISOString();
writeFileSync(
  join(values.out, 'ingest.json'),
  `${JSON.stringify({ date, machine, steps, reports }, undefined, 2)}\n`,
);
writeFileSync(join(values.out, 'ingest.md'), inMarkdown());

function inMarkdown(): string {
  return `${machine}; ${date.slice(0, 10)}

Ingestion into a PostgreSQL on the same machine, with as many links (in workspaces of ${values['links-per-workspace']}) and
up to as many clicks as each line says; bytes include indexes, counts and the visitors of all days
(the service keeps those of two).
Then reports over HTTP, one after the other; blocks that others have read are in memory, as in the
service (REPORT_CACHE_MEGABYTES). "first" is the first request of a kind, p50, p99 and max are of those
after 20 that are not timed.

${lines.map((line) => `    ${line}\n`).join('')}`;
}

/** Days of clicks, one after the other, and then the reports on them. */
async function grow(): Promise<ReportTime[]> {
  const [total, days] = [Number(values.grow), Number(values.days)];
  let times: ReportTime[] = [];
  if (total === 0) return times;
  await withDatabase(Number(values['grow-links']), async (database, maker, ingestion) => {
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    for (let day = 1; day <= days; day += 1) {
      await ingest(database, maker, ingestion, total / days, today - (days - day) * DAY_MS);
    }
    // PostgreSQL would do this beside the reports: a month of clicks has come within minutes.
    await database.client.query('VACUUM ANALYZE');
    await database.client.query('CHECKPOINT');
    times = await timeReports(database, maker, today, Number(values.requests));
    for (const { report, first, p50, p99, max, failed } of times) {
      const [a, b, c, d] = [first, p50, p99, max].map((ms) => ms.toFixed(1).padStart(6));
      say(
        `${report.padEnd(70)}  first ${a}  p50 ${b}  p99 ${c}  max ${d} ms${failed > 0 ? `  ${failed} failed` : ''}`,
      );
    }
  });
  return times;
}

async function withDatabase(
  links: number,
  work: (database: BenchDatabase, maker: ClickMaker, ingestion: Ingestion) => Promise<void>,
): Promise<void> {
  const database = await databaseWithLinks(links, Number(values['links-per-workspace']));
  const ingestion = await Ingestion.on(database.url);
  try {
    await work(database, new ClickMaker(database.linkIds, randomNumbers(links)), ingestion);
  } finally {
    await ingestion.remove();
    await database.remove();
  }
}

/** @param from when the clicks begin; they last for a day at most */
async function ingest(
  { client, linkIds }: BenchDatabase,
  maker: ClickMaker,
  ingestion: Ingestion,
  count: number,
  from: number,
): Promise<void> {
  const spacing = (DAY_MS - 1) / count;
  ingestion.spool(count, (start, clicks) =>
    maker.lines(clicks, from + start * spacing, from + (start + clicks) * spacing),
  );
  const startedAt = performance.now();
  const added = await ingestion.drain();
  await ingestion.tidyUp();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { rows } = await client.query<{ clicks: number; bytes: number }>(
    `SELECT (SELECT sum(clicks)::float8 FROM link_totals) AS clicks,
       sum(pg_total_relation_size(oid))::float8 AS bytes FROM pg_class
     WHERE relkind = 'r' AND relname ~ '^(clicks_|visitor_days_|link_totals|(link|workspace)_(days|blocks))'`,
  );
  const { clicks, bytes } = rows[0]!;
  const step = {
    links: linkIds.length,
    clicks,
    clicksPerSecond: Math.round(added / seconds),
    bytesPerClick: Math.round(bytes / clicks),
  };
  steps.push(step);
  say(
    `${step.links} links, ${clicks} clicks: ${step.clicksPerSecond} clicks/s, ${step.bytesPerClick} bytes a click`,
  );
}
