import type { Worker } from 'node:worker_threads';
import { startLowPriorityThread } from '../common/thread-priority.js';
import type { ReaderMessage, ReaderWorkerData } from './import-reader.worker.js';
import type { ImportRecord, ImportSource } from './imports.types.js';
import { UnreadableFile } from './sources/unreadable-file.js';

/** What the thread may have for the files that it reads; they have 50 MB at most. */
const MAX_HEAP_MB = 768;

/** For as much as it is asked at once: to look through all files takes longest. */
const MAX_SILENCE_MS = 120_000;

/**
 * Reads files on a thread of low priority that gives a few records each time it is asked: redirects do not
 * wait for a file of 50 MB, and what is read waits for the database. A file that would need more memory or
 * time than any real one is unreadable.
 */
export class ImportReader {
  private readonly worker: Worker;
  private ended = false;

  constructor(data: ReaderWorkerData) {
    this.worker = startLowPriorityThread(new URL('./import-reader.worker.js', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    this.worker.unref();
    this.worker.on('error', () => undefined);
    this.worker.on('exit', () => (this.ended = true));
  }

  /** What the files are. @throws UnreadableFile */
  async open(): Promise<{ source: ImportSource; total: number }> {
    const message = await this.hear();
    if (!('total' in message)) throw unreadable(message);
    return message;
  }

  /** The next records; none at the end. @throws UnreadableFile */
  async next(): Promise<ImportRecord[]> {
    this.worker.postMessage('next');
    const message = await this.hear();
    if (!('records' in message)) throw unreadable(message);
    return message.records;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private hear(): Promise<ReaderMessage> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        clearTimeout(timer);
        this.worker.off('message', hear).off('error', fail).off('exit', end);
        action();
      };
      const hear = (message: ReaderMessage): void => settle(() => resolve(message));
      const fail = (error: NodeJS.ErrnoException): void =>
        settle(() => reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooComplex() : error));
      const end = (): void => settle(() => reject(new Error('the thread that reads has ended')));
      const timer = setTimeout(() => settle(() => reject(tooComplex())), MAX_SILENCE_MS);
      this.worker.on('message', hear).on('error', fail).on('exit', end);
      if (this.ended) end();
    });
  }
}

const unreadable = (message: ReaderMessage): Error =>
  'unreadable' in message
    ? new UnreadableFile(message.unreadable)
    : new Error('the thread that reads said something else');

const tooComplex = (): UnreadableFile =>
  new UnreadableFile('To read the file takes too much memory or time. Split it.');
