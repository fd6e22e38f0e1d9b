import { parentPort, workerData } from 'node:worker_threads';
import type { ImportRecord, ImportSource } from './imports.types.js';
import { openFiles } from './sources/read-file.js';
import { UnreadableFile } from './sources/unreadable-file.js';

/** What the thread is to read, and from which record on. */
export interface ReaderWorkerData {
  files: Uint8Array[];
  name?: string;
  source?: ImportSource;
  now: number;
  allowedSchemes: readonly string[];
  from: number;
}

/** First what the files are; then, each time that it is asked, some records, at the end none. */
export type ReaderMessage =
  { source: ImportSource; total: number } | { records: ImportRecord[] } | { unreadable: string };

/** So few that the process has them in the time of a redirect or two. */
const RECORDS_AT_ONCE = 50;

const { files, name, source, now, allowedSchemes, from } = workerData as ReaderWorkerData;
const port = parentPort!;
const say = (message: ReaderMessage): void => port.postMessage(message);

function open() {
  const buffers = files.map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return openFiles({ files: buffers, name, source }, { now, allowedSchemes });
}

async function* batches(): AsyncGenerator<ImportRecord[]> {
  let batch: ImportRecord[] = [];
  for await (const record of open().records) {
    if (record.index < from) continue;
    batch.push(record);
    if (batch.length < RECORDS_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Looks through all once, so that a file that breaks off is refused, and not half taken over. */
async function count(): Promise<{ source: ImportSource; total: number }> {
  const opened = open();
  let total = 0;
  for await (const _ of opened.records) total += 1;
  return { source: opened.source, total };
}

try {
  say(await count());
  const all = batches();
  port.on('message', () => {
    void all
      .next()
      .then(({ value }) => say({ records: (value as ImportRecord[] | undefined) ?? [] }));
  });
} catch (error) {
  if (!(error instanceof UnreadableFile)) throw error;
  say({ unreadable: error.message });
}
