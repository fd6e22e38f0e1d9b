import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ClicksConfig } from '../../../config/clicks.config.js';
import { ServerConfig } from '../../../config/server.config.js';
import { Clock } from '../../common/clock.js';
import { HealthRegistry } from '../../platform/observability/health.registry.js';
import { Backpressure } from '../../platform/scheduling/backpressure.js';
import { encodeClick, spoolRoot, type ClickRecord } from '../common/spool-format.js';
import { FaultLog, LossLog } from './loss-log.js';
import { SpoolWriter } from './spool-writer.js';

const TICK_MS = 100;
const RETRY_MS = 1_000;
/** Empty lines, which mean nothing: enough of them to need a new block of a full disk. */
const PROBE = '\n'.repeat(8_192);

/**
 * Makes clicks durable before they are answered. All clicks of one turn of the event loop share
 * one write (group commit), so that a click costs microseconds also under load. When the disk
 * fails, visitors are answered all the same, and the loss is counted, logged and seen in readiness.
 */
@Injectable()
export class ClickRecorderService implements OnModuleInit {
  readonly counts = { recorded: 0, lost: 0 };

  private readonly logger = new Logger(ClickRecorderService.name);
  private readonly losses = new LossLog(this.logger);
  private readonly faults = new FaultLog(this.logger);
  private readonly writer: SpoolWriter;
  private readonly toDisk: boolean;
  private lines = '';
  private answers: (() => void)[] = [];
  private isScheduled = false;
  private isSyncing = false;
  private failure: string | undefined;
  private triedAt = -Infinity;
  private isRecovering = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: ClicksConfig,
    server: ServerConfig,
    private readonly clock: Clock,
    private readonly backpressure: Backpressure,
    health: HealthRegistry,
  ) {
    this.writer = new SpoolWriter(spoolRoot(server.dataDir));
    this.toDisk = config.durability === 'disk';
    health.register('spool', () => ({
      status: this.failure === undefined ? 'up' : 'down',
      ...(this.failure !== undefined && { reason: `Clicks cannot be recorded: ${this.failure}` }),
      lostClicks: this.counts.lost,
      affectsReadiness: true,
    }));
  }

  async onModuleInit(): Promise<void> {
    await this.prepare();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  /** Calls `answer` as soon as the click is durable, or known to be lost. */
  record(click: ClickRecord, answer: () => void): void {
    this.lines += encodeClick(click);
    this.answers.push(answer);
    this.schedule();
  }

  /** Whether clicks of this process wait in the spool. */
  get hasWaiting(): boolean {
    return this.writer.hasSegments;
  }

  /** Records what is waiting, seals, and lets the ingester see that this writer is gone. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    while (this.lines !== '' || this.isSyncing) {
      await new Promise((done) => setImmediate(done));
    }
    this.losses.report(Infinity);
    try {
      await this.writer.close();
    } catch (error) {
      this.fail('A segment of clicks is left to the next start', error as Error);
    }
  }

  private schedule(): void {
    // While a sync runs, clicks collect; the end of the sync commits them.
    if (this.isScheduled || this.isSyncing) return;
    this.isScheduled = true;
    this.backpressure.schedule(() => this.commit());
  }

  private commit(): void {
    this.isScheduled = false;
    if (this.lines === '') return;
    const data = Buffer.from(this.lines);
    const answers = this.answers;
    this.lines = '';
    this.answers = [];
    try {
      this.writer.append(data, this.clock.now());
      this.counts.recorded += answers.length;
    } catch (error) {
      this.failure = (error as Error).message;
      this.counts.lost += answers.length;
      this.losses.add(answers.length, this.failure, this.clock.now());
      return this.finish(answers);
    }
    if (!this.toDisk) {
      this.failure = undefined;
      return this.finish(answers);
    }
    this.isSyncing = true;
    this.writer.sync((error) => {
      this.isSyncing = false;
      this.failure = undefined;
      if (error) this.fail('Clicks may not survive a power loss', error);
      this.finish(answers);
      if (this.lines !== '') this.schedule();
    });
  }

  private finish(answers: (() => void)[]): void {
    for (const answer of answers) answer();
    this.backpressure.noteEnd();
    this.sealIfDue();
  }

  private tick(): void {
    this.sealIfDue();
    this.losses.report(this.clock.now());
    if (this.failure !== undefined) void this.recover();
  }

  private sealIfDue(): void {
    if (this.isSyncing || !this.writer.isDue(this.config, this.clock.now())) return;
    try {
      this.writer.seal();
    } catch (error) {
      this.fail('A segment of clicks could not be sealed', error as Error);
    }
  }

  private async prepare(): Promise<boolean> {
    try {
      await this.writer.prepare();
      return true;
    } catch (error) {
      this.fail('The spool of clicks cannot be used', error as Error);
      return false;
    }
  }

  /**
   * Tries whether the disk works again. It cannot wait for the next click to tell: a process that
   * is not ready may get none.
   */
  private async recover(): Promise<void> {
    if (this.isRecovering || this.clock.now() - this.triedAt < RETRY_MS) return;
    this.isRecovering = true;
    this.triedAt = this.clock.now();
    if (await this.prepare()) {
      this.lines += PROBE;
      this.schedule();
    }
    this.isRecovering = false;
  }

  private fail(what: string, error: Error): void {
    this.failure = error.message;
    this.faults.report(`${what}: ${this.failure}`, this.clock.now());
  }
}
