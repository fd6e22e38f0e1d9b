import { performance } from 'node:perf_hooks';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AverageLoad } from './average-load.js';

export const SAMPLE_MS = 50;

/** What the thread that serves requests did during one sample. */
export interface Load {
  /** The part of the time in which the event loop had work, from 0 to 1. */
  utilization: number;
  /** Urgent requests that were answered. */
  urgent: number;
}

/**
 * Measures how busy the thread is that serves requests, for all that gives way to them: requests of the
 * API (AdmissionQueue), work of other threads (AverageLoad), and the requests themselves
 * when that work falls behind (Backpressure). It knows of the process that it runs in only.
 */
@Injectable()
export class LoadSensor implements OnApplicationBootstrap {
  readonly average = new AverageLoad();
  private readonly listeners: ((load: Load) => void)[] = [];
  private countUrgent = (): number => 0;
  private urgentBefore = 0;
  private before = performance.eventLoopUtilization();
  private timer: NodeJS.Timeout | undefined;

  /** @param count of requests so far that go before everything else */
  countUrgentBy(count: () => number): void {
    this.countUrgent = count;
    this.urgentBefore = count();
  }

  /** Tells of every sample. */
  onSample(listener: (load: Load) => void): void {
    this.listeners.push(listener);
  }

  /** How long the event loop has had work since it began; milliseconds. */
  get activeMs(): number {
    return performance.eventLoopUtilization().active;
  }

  onApplicationBootstrap(): void {
    this.before = performance.eventLoopUtilization();
    this.timer = setInterval(() => this.sample(), SAMPLE_MS);
    this.timer.unref();
  }

  /** From now on nothing has to give way: requests are over. */
  stop(): void {
    clearInterval(this.timer);
    this.average.reset();
  }

  private sample(): void {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.before);
    const urgent = this.countUrgent();
    const load = { utilization, urgent: urgent - this.urgentBefore };
    this.before = now;
    this.urgentBefore = urgent;
    this.average.note(utilization);
    for (const listener of this.listeners) listener(load);
  }
}
