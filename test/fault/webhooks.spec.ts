import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestUser } from '../support/api.js';
import { FAULT_RUNS, randomMs, report } from '../support/fault-runs.js';
import type { Fields } from '../support/http-client.js';
import { PostgresCluster } from '../support/postgres-cluster.js';
import { startServer, type TestServer } from '../support/server.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

/** A lease, a try that was given up, and the tries after it. */
const DELIVERED_WITHIN_MS = 90_000;

describe('Webhooks lose no event', () => {
  let server: TestServer;
  let receiver: WebhookReceiver;
  let ada: TestUser;
  let workspace: string;
  let cluster: PostgresCluster | undefined;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    // Every third is refused at first, and all take a while.
    receiver.answer = ({ id }, response) => {
      const times = receiver.received.filter((one) => one.id === id).length;
      const status = times === 1 && Number.parseInt(id.at(-1)!, 16) % 3 === 0 ? 500 : 204;
      setTimeout(() => response.writeHead(status).end(), 50);
    };
  });
  afterEach(async () => {
    await server.remove();
    await receiver.close();
    await cluster?.remove();
    cluster = undefined;
  });

  async function subscribe(): Promise<void> {
    ada = await TestUser.register(server.url);
    workspace = (await ada.get('/workspaces')).body['items'][0].id;
    const events = ['link.created'];
    const made = await ada.post(`/workspaces/${workspace}/webhooks`, { url: receiver.url, events });
    expect(made.status).toBe(201);
  }

  /** Makes so many links; one that the fault has kept from being made is no matter. */
  async function shorten(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) await ada.shorten().catch(() => undefined);
  }

  async function expectAllDelivered(): Promise<void> {
    const feed: string[] = [];
    for (let after = ''; ;) {
      const { body } = await ada.get(`/workspaces/${workspace}/events?limit=200${after}`);
      feed.push(...(body['items'] as Fields[]).map(({ id }) => id as string));
      if (body['nextCursor'] === null) break;
      after = `&after=${body['nextCursor']}`;
    }
    const deadline = Date.now() + DELIVERED_WITHIN_MS;
    const arrived = () => new Set(receiver.received.map(({ id }) => id));
    while (arrived().size < feed.length && Date.now() < deadline) await sleep(100);
    expect([...arrived()].toSorted()).toEqual(feed.toSorted());
    report(`${feed.length} events arrived by ${receiver.received.length} requests`);
  }

  it(
    'when the process is killed in the middle of deliveries',
    async () => {
      server = await startServer();
      await subscribe();
      for (let run = 0; run < FAULT_RUNS; run += 1) {
        const writing = shorten(25);
        await sleep(randomMs(1_500));
        await server.kill();
        await writing;
        await server.start();
        await shorten(5);
      }
      await expectAllDelivered();
    },
    180_000 + FAULT_RUNS * 15_000,
  );

  it(
    'when the database goes away in the middle of deliveries',
    async () => {
      cluster = await PostgresCluster.start();
      server = await startServer({
        databaseUrl: cluster.url,
        env: { MIGRATE_ON_START: 'true' },
      });
      await subscribe();
      for (let run = 0; run < FAULT_RUNS; run += 1) {
        const writing = shorten(25);
        await sleep(randomMs(1_500));
        await cluster.kill();
        await writing;
        await cluster.start();
        while ((await ada.get('/workspaces')).status !== 200) await sleep(50);
        await shorten(5);
      }
      await expectAllDelivered();
      expect(server.log.match(/Webhooks have to wait/g)!.length).toBeLessThanOrEqual(
        FAULT_RUNS * 3,
      );
    },
    180_000 + FAULT_RUNS * 15_000,
  );
});
