import { parentPort, workerData } from 'node:worker_threads';
import pg from 'pg';
import type { ConnectionTarget } from '../../database/connection.js';
import { ClickCountsRepository } from './click-counts.repository.js';
import { ClickEnricher } from './click-enricher.js';
import { ClickPartitionsRepository } from './click-partitions.repository.js';
import { ClicksRepository } from './clicks.repository.js';
import { CountryLookup } from './country-lookup.js';
import { Housekeeper } from './housekeeper.js';
import { Ingester } from './ingester.js';
import { type IngestionSession, IngestionLoop, type LoopOptions } from './ingestion-loop.js';
import { SpoolReader } from './spool-reader.js';

export interface IngesterWorkerData extends LoopOptions {
  target: ConnectionTarget;
  geoipDatabase?: string;
  retentionDays: number;
}

const QUERY_TIMEOUT_MS = 30_000;

const options = workerData as IngesterWorkerData;
const port = parentPort!;
const enricher = new ClickEnricher(await CountryLookup.open(options.geoipDatabase));
const reader = new SpoolReader(options.spoolRoot);
const loop = new IngestionLoop(options, reader, connect, (progress) => port.postMessage(progress));

port.on('message', () => loop.stop());
await loop.run();
port.close();

async function connect(): Promise<IngestionSession> {
  const client = new pg.Client({
    ...options.target,
    application_name: 'signpost-ingest',
    statement_timeout: QUERY_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    // Locks of a process that vanished from the network are not held for long.
    idle_in_transaction_session_timeout: QUERY_TIMEOUT_MS,
  });
  // A break shows in the next query, which is where it is handled.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SET TIME ZONE 'UTC'`);
  } catch (error) {
    void client.end().catch(() => undefined);
    throw error;
  }
  const clicks = new ClicksRepository(client);
  const partitions = new ClickPartitionsRepository(client);
  const counts = new ClickCountsRepository(client);
  const ingester = new Ingester(clicks, counts, partitions, enricher);
  const housekeeper = new Housekeeper(clicks, counts, partitions, options.retentionDays);
  return {
    ingest: (segments) => ingester.ingest(segments),
    tidyUp: () => housekeeper.tidyUp(Date.now()),
    // Not awaited: on a dead network the farewell would wait for an answer, too.
    close: async () => void client.end().catch(() => undefined),
  };
}
