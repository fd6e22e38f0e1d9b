import { createWriteStream, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ApiClient, ApiFailure, apiKeyOf } from './api-client.js';

const USAGE = `usage: bin/signpost.js import FILE --workspace ID [--url URL] [--source NAME] [--on-taken skip|rename|update]
         [--dry-run] [--report FILE]
       bin/signpost.js export --workspace ID [--url URL] [--format jsonl|csv] [--output FILE]
The API key of the workspace is read from SIGNPOST_API_KEY or SIGNPOST_API_KEY_FILE, the URL also from SIGNPOST_URL.`;

const DEFAULT_URL = 'http://127.0.0.1:3000';
const LOOK_MS = 500;
const BAR_WIDTH = 30;

interface ImportAnswer {
  id: string;
  status: string;
  source: string | null;
  problem: { detail: string } | null;
  finishedAt: string | null;
  progress: { read: number; total: number | null } & Record<Outcome, number>;
}
type Outcome = 'created' | 'updated' | 'renamed' | 'skipped' | 'failed';
const OUTCOMES: Outcome[] = ['created', 'updated', 'renamed', 'skipped', 'failed'];

const OPTIONS = {
  workspace: { type: 'string' },
  url: { type: 'string' },
  source: { type: 'string' },
  'on-taken': { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  report: { type: 'string' },
  format: { type: 'string', default: 'jsonl' },
  output: { type: 'string' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

const say = (line: string): boolean => process.stderr.write(`${line}\n`);

/** `signpost import` and `signpost export`: over the API, so that they work from anywhere. */
async function main(): Promise<void> {
  const [command, ...args] = process.argv.slice(2);
  const { values, positionals } = readArguments(args);
  const url = values.url ?? process.env['SIGNPOST_URL'] ?? DEFAULT_URL;
  if (values.workspace === undefined) throw new ApiFailure(USAGE);
  const api = new ApiClient({ url, apiKey: apiKeyOf(process.env) });
  const workspace = `/workspaces/${encodeURIComponent(values.workspace)}`;
  const [file] = positionals;
  if (command === 'export' && positionals.length === 0) await runExport(api, workspace, values);
  else if (command === 'import' && file !== undefined && positionals.length === 1) {
    await runImport(api, workspace, file, values);
  } else throw new ApiFailure(USAGE);
}

function readArguments(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new ApiFailure(`${(error as Error).message}\n${USAGE}`);
  }
}

async function runExport(api: ApiClient, workspace: string, values: Values): Promise<void> {
  const path = `${workspace}/export?format=${encodeURIComponent(values.format)}`;
  const { body } = await api.request('GET', path);
  const target = values.output === undefined ? process.stdout : createWriteStream(values.output);
  await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), target);
}

async function runImport(
  api: ApiClient,
  workspace: string,
  file: string,
  values: Values,
): Promise<void> {
  const query = new URLSearchParams({
    fileName: basename(file),
    dryRun: String(values['dry-run']),
    ...(values.source !== undefined && { source: values.source }),
    ...(values['on-taken'] !== undefined && { onTaken: values['on-taken'] }),
  });
  const started = await api.json<ImportAnswer>('POST', `${workspace}/imports?${query.toString()}`, {
    headers: { 'content-type': 'application/octet-stream' },
    body: readFileSync(file),
  });
  const path = `${workspace}/imports/${started.id}`;
  const done = await untilOver(api, path);
  if (values.report !== undefined) await writeReport(api, path, values.report);
  if (done.status !== 'done') {
    throw new ApiFailure(done.problem?.detail ?? `the import was ${done.status}`);
  }
  const counts = OUTCOMES.map((outcome) => `${done.progress[outcome]} ${outcome}`).join(', ');
  say(`${values['dry-run'] ? 'It would be: ' : ''}${counts} (${done.source}, import ${done.id})`);
  if (done.progress.failed > 0) process.exitCode = 1;
}

async function untilOver(api: ApiClient, path: string): Promise<ImportAnswer> {
  let shown = '';
  for (;;) {
    const state = await api.json<ImportAnswer>('GET', path);
    const line = progressLine(state);
    if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001b[K`);
    else if (line !== shown) say(line);
    shown = line;
    if (state.finishedAt !== null) {
      if (process.stderr.isTTY) process.stderr.write('\n');
      return state;
    }
    await sleep(LOOK_MS);
  }
}

function progressLine({ status, progress: { read, total } }: ImportAnswer): string {
  if (total === null) return status;
  const share = total === 0 ? 1 : read / total;
  if (!process.stderr.isTTY) return `${status}: ${read} of ${total}`;
  const full = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${Math.floor(share * 100)} % ${read} of ${total}`;
}

/** A JSON object a line for each record. */
async function writeReport(api: ApiClient, path: string, file: string): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    let cursor: string | null = '';
    while (cursor !== null) {
      const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: { items: unknown[]; nextCursor: string | null } = await api.json(
        'GET',
        `${path}/records?limit=200${after}`,
      );
      yield page.items.map((item) => `${JSON.stringify(item)}\n`).join('');
      cursor = page.nextCursor;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

try {
  await main();
} catch (error) {
  process.stderr.write(`signpost: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
