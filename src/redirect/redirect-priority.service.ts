import { performance } from 'node:perf_hooks';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { RedirectMetrics } from './redirect.metrics.js';

const SAMPLE_MS = 50;
/**
 * From so many redirects a sample on (500 and 5,000 a second) the event loop has no time to spare
 * above that utilization. The more there are, the more of them wait for each request of the API;
 * with fewer it is not they who keep the event loop busy.
 */
const BUSY = [
  { redirects: 250, above: 0.3 },
  { redirects: 25, above: 0.75 },
];

/** Of the API in a turn of the event loop, which takes some milliseconds for them at most. */
const MOST_IN_TURN = 8;

/** A request of the API. */
interface Waiting {
  begin: () => void;
  isGone: () => boolean;
}

/**
 * Lets redirects go before the API. Both share a thread, and a request of the API takes it for as
 * long as a hundred redirects: so while redirects keep it busy, one request of the API begins every
 * 50 ms, and the others wait their turn. Those who have waited begin one by one, too, every 25 ms: all
 * at once would hold redirects up for as long as they take together. And where there are few
 * redirects, only some requests of the API begin in each turn of the event loop, however many have come.
 */
@Injectable()
export class RedirectPriorityService implements OnApplicationBootstrap, OnModuleDestroy {
  private waiting: Waiting[] = [];
  private isBusy = false;
  private hasFewRedirects = true;
  private begunInTurn = 0;
  private nextTurn: NodeJS.Immediate | undefined;
  private before = performance.eventLoopUtilization();
  private redirectsBefore = 0;
  private timer: NodeJS.Timeout | undefined;
  private isHalfway = false;

  constructor(private readonly metrics: RedirectMetrics) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.tick(), SAMPLE_MS / 2);
    this.timer.unref();
  }

  /** Whoever is still waiting when the process stops is let go. */
  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.judge(0, 0);
    this.letBegin(Infinity);
  }

  /** Calls `begin` at once, or when it is this request's turn; never, if `isGone` by then. */
  admit(begin: () => void, isGone: () => boolean): void {
    if (!this.isBusy && this.waiting.length === 0 && this.begunInTurn < MOST_IN_TURN) {
      this.begunInTurn += 1;
      begin();
    } else this.waiting.push({ begin, isGone });
    this.countTurns();
  }

  /**
   * @param utilization of the event loop since the last time, from 0 to 1
   * @param redirects answered since then
   */
  judge(utilization: number, redirects: number): void {
    const limit = BUSY.find((level) => redirects >= level.redirects);
    this.isBusy = limit !== undefined && utilization > limit.above;
    this.hasFewRedirects = limit === undefined;
    if (limit) this.letBegin(1);
    else this.countTurns();
  }

  /** Between two judgements. */
  halfway(): void {
    if (!this.isBusy) this.letBegin(1);
  }

  private countTurns(): void {
    this.nextTurn ??= setImmediate(() => {
      this.nextTurn = undefined;
      this.begunInTurn = 0;
      if (!this.hasFewRedirects || this.waiting.length === 0) return;
      this.begunInTurn = MOST_IN_TURN;
      this.letBegin(MOST_IN_TURN);
      this.countTurns();
    });
  }

  private letBegin(most: number): void {
    this.waiting = this.waiting.filter(({ isGone }) => !isGone());
    for (const { begin } of this.waiting.splice(0, most)) begin();
  }

  private tick(): void {
    this.isHalfway = !this.isHalfway;
    if (this.isHalfway) this.halfway();
    else this.sample();
  }

  private sample(): void {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.before);
    const redirects = this.metrics.redirects;
    const count = redirects - this.redirectsBefore;
    this.before = now;
    this.redirectsBefore = redirects;
    this.judge(utilization, count);
  }
}
