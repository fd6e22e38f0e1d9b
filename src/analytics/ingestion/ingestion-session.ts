import pg from 'pg';
import type { ConnectionTarget } from '../../platform/database/connection.js';
import { PoolSockets } from '../../platform/database/pool-sockets.js';
import { ClickBlocksService } from '../blocks/click-blocks.service.js';
import { groupsOf } from '../common/groups.js';
import { ClickCountsRepository } from './click-counts.repository.js';
import { ClickDeleter } from './click-deleter.js';
import { ClickDeletionsRepository } from './click-deletions.repository.js';
import type { ClickEnricher } from './click-enricher.js';
import { ClickPartitionsRepository } from './click-partitions.repository.js';
import { ClicksRepository } from './clicks.repository.js';
import { DayCounter } from './day-counter.js';
import { Housekeeper } from './housekeeper.js';
import { Ingester } from './ingester.js';
import type { IngestionSession } from './ingestion-loop.js';
import { SaltCipher } from './salt-cipher.js';
import type { Segment } from './spool-reader.js';
import { VisitorSaltsRepository } from './visitor-salts.repository.js';

const QUERY_TIMEOUT_MS = 30_000;

export interface SessionOptions {
  target: ConnectionTarget;
  /** Transactions at a time: while PostgreSQL works for one, this thread works for another. */
  lanes: number;
  /** A transaction takes segments up to this size. */
  maxTransactionBytes: number;
  retentionDays: number;
  /** Of `saltKeyOf`. */
  saltKey: Uint8Array;
  /** Those of previous secrets. */
  previousSaltKeys?: Uint8Array[];
}

interface Lane {
  client: pg.Client;
  clicks: ClicksRepository;
  ingester: Ingester;
  housekeeper: Housekeeper;
  deleter: ClickDeleter;
}

/**
 * Connects to where clicks are stored. A session whose connection breaks is of no more use.
 * @param onSaltReplaced told of days that got another salt
 */
export async function openSession(
  options: SessionOptions,
  enricher: ClickEnricher,
  sockets = new PoolSockets(0),
  onSaltReplaced: (day: string) => void = () => undefined,
): Promise<IngestionSession> {
  const opened = await Promise.allSettled(
    Array.from({ length: options.lanes }, () =>
      openLane(options, enricher, sockets, onSaltReplaced),
    ),
  );
  const lanes = opened.flatMap((lane) => (lane.status === 'fulfilled' ? [lane.value] : []));
  const close = async (): Promise<void> => lanes.forEach(({ client }) => leave(client));
  const failed = opened.find((lane) => lane.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  // What was asked for while there was no session is found by the first look.
  let mayHaveDeletions = true;
  lanes[0]!.client.on('notification', ({ channel }) => {
    if (channel === 'clicks_deleting') mayHaveDeletions = true;
  });
  return {
    deleteClicks: async () => {
      while (mayHaveDeletions) {
        mayHaveDeletions = false;
        if (await lanes[0]!.deleter.deleteNext()) mayHaveDeletions = true;
      }
    },
    ingest: (segments) =>
      ingestInLanes(
        lanes,
        groupsOf(segments, ({ bytes }) => bytes, options.maxTransactionBytes),
      ),
    sift: (segment, withinMs, mark) => lanes[0]!.ingester.sift(segment, withinMs, mark),
    knownSegments: (ids) => lanes[0]!.clicks.knownSegments(ids),
    tidyUp: () => lanes[0]!.housekeeper.tidyUp(Date.now()),
    close,
  };
}

/**
 * Each lane takes the next group of segments when it is free. Waits for every lane, also when one
 * has failed: nothing goes on behind the caller's back.
 */
async function ingestInLanes(lanes: Lane[], groups: Segment[][]): Promise<number> {
  const waiting = [...groups];
  let added = 0;
  const outcomes = await Promise.allSettled(
    lanes.map(async ({ ingester }) => {
      for (let group = waiting.shift(); group; group = waiting.shift()) {
        // Apart from the addition: that reads what is there before it waits.
        const count = await ingester.ingest(group);
        added += count;
      }
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return added;
}

async function openLane(
  options: SessionOptions,
  enricher: ClickEnricher,
  sockets: PoolSockets,
  onSaltReplaced: (day: string) => void,
): Promise<Lane> {
  const client = new pg.Client({
    ...options.target,
    stream: sockets.create,
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
    await client.query('LISTEN link_moved');
    await client.query('LISTEN clicks_deleting');
  } catch (error) {
    leave(client);
    throw error;
  }
  const clicks = new ClicksRepository(client);
  const counts = new ClickCountsRepository(client);
  const blocks = new ClickBlocksService(client);
  const days = new DayCounter(counts, clicks, blocks);
  const partitions = new ClickPartitionsRepository(client);
  const { saltKey, previousSaltKeys = [] } = options;
  const previous = previousSaltKeys.map((key) => new SaltCipher(key));
  const salts = new VisitorSaltsRepository(
    client,
    new SaltCipher(saltKey),
    onSaltReplaced,
    previous,
  );
  const { retentionDays } = options;
  const deletions = new ClickDeletionsRepository(client);
  const ingester = new Ingester(clicks, counts, days, partitions, enricher, salts, deletions);
  client.on('notification', ({ channel }) => {
    if (channel === 'link_moved') ingester.forgetLinks();
  });
  return {
    client,
    clicks,
    ingester,
    housekeeper: new Housekeeper(clicks, counts, blocks, days, partitions, salts, retentionDays),
    deleter: new ClickDeleter(clicks, counts, deletions, blocks),
  };
}

/** Not awaited: on a dead network closing would wait for an answer, too. */
const leave = (client: pg.Client): void => void client.end().catch(() => undefined);
