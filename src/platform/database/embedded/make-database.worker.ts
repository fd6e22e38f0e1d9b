import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { EmbeddedWorkerData } from './embedded.worker.js';
import { PGLITE_OPTIONS } from './pglite-options.js';

// Made beside its place and moved there: one that is killed half-way is not mistaken for a database.
const { dataDirectory } = workerData as EmbeddedWorkerData;
const fresh = `${dataDirectory}.new`;
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { mode: 0o700 });
const database = await PGlite.create(fresh, PGLITE_OPTIONS);
await database.close();
renameSync(fresh, dataDirectory);
