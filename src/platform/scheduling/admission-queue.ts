import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type Load, LoadSensor, SAMPLE_MS } from './load-sensor.js';

/**
 * From so many urgent requests a sample on (500 and 5,000 a second) the event loop has no time to spare
 * above that utilization. The more there are, the more of them wait for each other request;
 * with fewer it is not they who keep the event loop busy.
 */
const BUSY = [
  { urgent: 250, above: 0.3 },
  { urgent: 25, above: 0.75 },
];

/** Requests in a turn of the event loop, which takes some milliseconds for them at most. */
const MOST_IN_TURN = 8;

interface Waiting {
  begin: () => void;
  isGone: () => boolean;
}

/**
 * Lets urgent requests, which are redirects, go before those of the API. Both share a thread, and a request of
 * the API takes it for as long as a hundred redirects: so while redirects keep it busy, one request of
 * the API begins with every sample, and the others wait. Those who have waited begin one by one, too, two
 * a sample: all at once would hold redirects up for as long as they take together. And where there are few
 * redirects, only some requests of the API begin in each turn of the event loop, however many have come.
 */
@Injectable()
export class AdmissionQueue implements OnModuleDestroy {
  private waiting: Waiting[] = [];
  private isBusy = false;
  private hasFewUrgent = true;
  private isOver = false;
  private begunInTurn = 0;
  private nextTurn: NodeJS.Immediate | undefined;
  private halfway: NodeJS.Timeout | undefined;

  constructor(sensor: LoadSensor) {
    sensor.onSample((load) => this.judge(load));
  }

  /** Whoever is still waiting when the process stops is let go. */
  onModuleDestroy(): void {
    clearTimeout(this.halfway);
    this.isOver = true;
    this.isBusy = false;
    this.hasFewUrgent = true;
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

  private judge({ utilization, urgent }: Load): void {
    if (this.isOver) return;
    const limit = BUSY.find((level) => urgent >= level.urgent);
    this.isBusy = limit !== undefined && utilization > limit.above;
    this.hasFewUrgent = limit === undefined;
    if (this.hasFewUrgent) return this.countTurns();
    this.letBegin(1);
    if (this.isBusy || this.waiting.length === 0) return;
    clearTimeout(this.halfway);
    this.halfway = setTimeout(() => this.letBegin(1), SAMPLE_MS / 2);
    this.halfway.unref();
  }

  private countTurns(): void {
    this.nextTurn ??= setImmediate(() => {
      this.nextTurn = undefined;
      this.begunInTurn = 0;
      if (!this.hasFewUrgent || this.waiting.length === 0) return;
      this.begunInTurn = MOST_IN_TURN;
      this.letBegin(MOST_IN_TURN);
      this.countTurns();
    });
  }

  private letBegin(most: number): void {
    this.waiting = this.waiting.filter(({ isGone }) => !isGone());
    for (const { begin } of this.waiting.splice(0, most)) begin();
  }
}
