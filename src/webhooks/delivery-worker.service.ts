import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import { retryDelay } from './retry-schedule.js';
import { WebhookMetrics } from './webhook.metrics.js';
import { WebhookSender } from './webhook-sender.js';
import { type Attempt, type DueDelivery, TEST_EVENT } from './webhooks.types.js';
import { WebhooksService } from './webhooks.service.js';

/** How soon an event is sent at the latest, if there is nothing else to do. */
const IDLE_MS = 1_000;
/** A delivery that ends makes room for one that waits: a few are looked for together. */
const BUSY_MS = 50;
/** Requests at a time, to all receivers together. */
const AT_ONCE = 64;
/** Of them to receivers that let others wait: however many there are, they keep nobody else waiting. */
const SLOW_AT_ONCE = 16;
/** Who took so long to answer is slow, until an answer comes sooner. */
const SLOW_MS = 3_000;
const KNOWN_SLOW = { max: 1_000, ttl: 10 * 60_000 };
/** How long a stop waits for answers that are under way. */
const STOP_MS = 2_000;
/** Tries that the log keeps of a delivery. */
const ATTEMPTS_KEPT = 20;

/**
 * Delivers events to webhooks, in every process: it makes deliveries of what the feeds have, takes some that are
 * due, sends them, and keeps what came of it. All of it is in PostgreSQL, so a process that is killed loses
 * nothing; what it was sending is sent again by another.
 */
@Injectable()
export class DeliveryWorkerService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(DeliveryWorkerService.name);
  private readonly stopped = new AbortController();
  private readonly hangUp = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private runningSlow = 0;
  private readonly slow = new LRUCache<string, true>(KNOWN_SLOW);
  private looping: Promise<void> = Promise.resolve();
  private awaken: () => void = () => undefined;
  private isFailing = false;

  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly webhooks: WebhooksService,
    private readonly sender: WebhookSender,
    private readonly database: DatabaseStatus,
    private readonly metrics: WebhookMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.looping = this.loop();
  }

  /** What is not answered soon is given back, and sent again by another process or after the next start. */
  async onModuleDestroy(): Promise<void> {
    this.stopped.abort();
    this.awaken();
    await this.looping;
    const timer = setTimeout(() => this.hangUp.abort(), STOP_MS);
    await Promise.all(this.running);
    clearTimeout(timer);
  }

  /** There is something to deliver, which should not wait for the next look. */
  wake(): void {
    this.awaken();
  }

  private async loop(): Promise<void> {
    const stop = new Promise((resolve) => {
      this.stopped.signal.addEventListener('abort', resolve, { once: true });
    });
    await Promise.race([this.database.whenReady(), stop]);
    await this.attempt(() => this.webhooks.resealAll());
    while (!this.stopped.signal.aborted) {
      const isBusy = await this.attempt(() => this.work());
      if (isBusy !== true) await this.pause(IDLE_MS);
      if (!this.stopped.signal.aborted) await sleep(BUSY_MS);
    }
  }

  /** Does a part of what is to be done, and tells whether there may be more. */
  private async work(): Promise<boolean> {
    const webhooks = await this.deliveries.fanOut();
    const slow = [...this.slow.keys()];
    const freeForSlow = SLOW_AT_ONCE - this.runningSlow;
    let started = 0;
    if (slow.length > 0 && freeForSlow > 0) {
      started += this.start(await this.deliveries.claim(freeForSlow, 'only', slow), true);
    }
    const free = AT_ONCE - SLOW_AT_ONCE - (this.running.size - this.runningSlow);
    if (free > 0) started += this.start(await this.deliveries.claim(free, 'all but', slow), false);
    return webhooks + started > 0;
  }

  private start(due: DueDelivery[], isSlow: boolean): number {
    for (const delivery of due) {
      if (isSlow) this.runningSlow += 1;
      const run = this.attempt(() => this.deliver(delivery)).then(() => {
        if (isSlow) this.runningSlow -= 1;
        this.running.delete(run);
        this.awaken();
      });
      this.running.add(run);
    }
    return due.length;
  }

  private async deliver(delivery: DueDelivery): Promise<void> {
    if (delivery.data === null) return this.giveUp(delivery, 'is not kept any more');
    const secrets = this.webhooks.openSecrets(delivery);
    if (secrets.length === 0) return this.giveUp(delivery, 'cannot be signed: rotate the secret');
    const { attempt, retryAfter } = await this.sender.send(delivery, secrets, this.hangUp.signal);
    if (this.hangUp.signal.aborted && attempt.status === null) return this.giveBack(delivery);
    const isDone = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    this.metrics.count(isDone);
    if (attempt.durationMs >= SLOW_MS) this.slow.set(delivery.webhookId, true);
    else this.slow.delete(delivery.webhookId);
    const isLast = attempt.status === 410 || delivery.type === TEST_EVENT;
    const tries = delivery.tries + 1;
    const retryInMs =
      isDone || isLast ? null : retryDelay(tries, retryAfter, Date.now(), Math.random());
    const unfinished = retryInMs === null ? 'failed' : 'pending';
    const status = isDone ? 'succeeded' : unfinished;
    // Without a database the lease ends, and it is sent once more.
    await this.deliveries.settle(delivery, {
      status,
      tries,
      attempts: appended(delivery, attempt),
      retryInMs,
    });
    if (attempt.status === 410) await this.webhooks.disable(delivery, 'gone');
    else if (status === 'failed' && !isLast) await this.disableIfFailing(delivery);
  }

  private async disableIfFailing(delivery: DueDelivery): Promise<void> {
    if (await this.deliveries.isFailing(delivery.webhookId)) {
      await this.webhooks.disable(delivery, 'failing');
    }
  }

  private giveUp(delivery: DueDelivery, error: string): Promise<void> {
    const at = new Date().toISOString();
    const attempts = appended(delivery, { at, status: null, error, durationMs: 0, answer: null });
    const { tries } = delivery;
    return this.deliveries.settle(delivery, { status: 'failed', tries, attempts, retryInMs: null });
  }

  private giveBack(delivery: DueDelivery): Promise<void> {
    const { tries, attempts } = delivery;
    return this.deliveries.settle(delivery, { status: 'pending', tries, attempts, retryInMs: 0 });
  }

  /** Whatever fails is tried again; it is said once. */
  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await work();
      this.isFailing = false;
      return result;
    } catch (error) {
      if (!this.isFailing) this.logger.warn(`Webhooks have to wait: ${String(error)}`);
      this.isFailing = true;
      return undefined;
    }
  }

  private async pause(ms: number): Promise<void> {
    if (this.stopped.signal.aborted) return;
    const woken = new AbortController();
    this.awaken = () => woken.abort();
    await sleep(ms, undefined, { signal: woken.signal }).catch(() => undefined);
  }
}

const appended = ({ attempts }: DueDelivery, attempt: Attempt): Attempt[] =>
  [...attempts, attempt].slice(-ATTEMPTS_KEPT);
