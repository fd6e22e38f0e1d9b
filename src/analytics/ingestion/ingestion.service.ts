import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AuthConfig } from '../../../config/auth.config.js';
import { ClicksConfig } from '../../../config/clicks.config.js';
import { ServerConfig } from '../../../config/server.config.js';
import { DatabaseConnection } from '../../platform/database/connection.js';
import { DatabaseStatus } from '../../platform/database/database-status.js';
import { HealthRegistry, type HealthReport } from '../../platform/observability/health.registry.js';
import { type Backlog, Backpressure } from '../../platform/scheduling/backpressure.js';
import { LoadSensor } from '../../platform/scheduling/load-sensor.js';
import { HOUR_MS } from '../analytics.types.js';
import { spoolRoot } from '../common/spool-format.js';
import { type IngesterSettings, IngesterThread, launchIngester } from './ingester-thread.js';
import { type IngestionProgress, lagMsOf } from './ingestion.types.js';
import { saltKeyOf } from './salt-cipher.js';

/** A batch that takes that long waits for the database, and not for a turn. */
const STALLED_MS = 10_000;
/** Beyond the lag that redirects may cause. */
const LAG_WARNING_MS = 10_000;

/** Runs the ingester in a thread of its own, so that it never delays a redirect. */
@Injectable()
export class IngestionService implements OnApplicationBootstrap {
  private readonly logger = new Logger(IngestionService.name);
  private readonly startedAt = Date.now();
  private readonly thread: IngesterThread;
  private latest: IngestionProgress | undefined;
  private databaseAnswers = true;
  /** Why the thread ended, until the next one has said something. */
  private crash: string | undefined;
  private onProgress: ((progress: IngestionProgress) => void) | undefined;

  constructor(
    private readonly config: ClicksConfig,
    private readonly server: ServerConfig,
    private readonly auth: AuthConfig,
    private readonly connection: DatabaseConnection,
    private readonly database: DatabaseStatus,
    private readonly sensor: LoadSensor,
    backpressure: Backpressure,
    health: HealthRegistry,
  ) {
    this.thread = new IngesterThread(() => launchIngester(connection, this.settings), {
      progressed: (progress) => this.note(progress),
      warned: (message) => this.logger.warn(message),
      failed: ({ message }) => {
        this.crash = `the ingester failed: ${message}`;
        this.logger.error(`The ingester failed: ${message}`);
      },
    });
    sensor.onSample(() => backpressure.note(this.backlog));
    health.register('ingestion', () => this.report());
  }

  /** What the ingester said last; undefined until it has said something. */
  get progress(): Readonly<IngestionProgress> | undefined {
    return this.latest;
  }

  /**
   * How long clicks have been waiting, in milliseconds. Nobody knows of those that came since the ingester
   * has fallen silent, so it counts from its last word.
   */
  get lagMs(): number {
    const { lookedAt, waitingSince } = this.latest ?? { lookedAt: this.startedAt };
    const silentMs = Date.now() - lookedAt;
    return Math.max(lagMsOf({ waitingSince }), silentMs > STALLED_MS ? silentMs : 0);
  }

  onApplicationBootstrap(): void {
    this.connection.watch((answers) => {
      this.databaseAnswers = answers;
      this.thread.tell({ answers });
    });
    this.thread.start();
    void this.database.whenReady().then(() => this.thread.tell('begin'));
  }

  /**
   * Waits until nothing is left in the spool, at most for this long, and stops the ingester. What
   * is left then stays on disk for the next start.
   * @param hasWaiting whether clicks of this process are left. While another process ingests them,
   * this one waits to see it done: should the other have gone before, it is the one that ingests.
   */
  async drain(timeoutMs: number, hasWaiting: () => boolean): Promise<void> {
    this.sensor.stop();
    const drained = this.isDatabaseReady && this.drained(hasWaiting);
    await Promise.race([drained, this.thread.last(), sleep(timeoutMs)]);
    await this.thread.stop();
  }

  /**
   * The first reports may be of looks at the spool before the last segment came; a database that
   * stays away is not waited for.
   */
  private drained(hasWaiting: () => boolean): Promise<void> {
    const since = Date.now();
    return new Promise((done) => {
      let reports = 0;
      this.onProgress = ({ waitingSegments, isIngester, lastError, lookedAt }) => {
        if (lookedAt <= since) return;
        reports += 1;
        const isDone = isIngester ? waitingSegments === 0 : !hasWaiting();
        if (isDone || (lastError !== undefined && reports > 2)) done();
      };
    });
  }

  private get isDatabaseReady(): boolean {
    return this.database.state === 'ready';
  }

  private get isFailing(): boolean {
    const trouble = this.crash ?? this.latest?.lastError;
    if (trouble !== undefined || !this.databaseAnswers) return true;
    return this.latest !== undefined && Date.now() - this.latest.lookedAt > STALLED_MS;
  }

  /** Of all writers of the spool, also where another process ingests it. */
  private get backlog(): Backlog {
    const lagMs = this.latest ? lagMsOf(this.latest) : 0;
    return { lagMs, maxLagMs: this.maxLagMs, isFailing: this.isFailing };
  }

  private get maxLagMs(): number {
    return this.config.ingestMaxLagSeconds * 1_000;
  }

  private get settings(): IngesterSettings {
    return {
      spoolRoot: spoolRoot(this.server.dataDir),
      geoipDatabase: this.config.geoipDatabase,
      keepMs: this.config.keepHours * HOUR_MS,
      keepMaxBytes: this.config.keepMaxBytes,
      retentionDays: this.config.retentionDays,
      saltKey: saltKeyOf(this.auth.jwtSecret),
      previousSaltKeys: this.auth.jwtPreviousSecrets.map(saltKeyOf),
      maxLagMs: this.maxLagMs,
      isDatabaseReady: this.isDatabaseReady,
      redirectLoad: this.sensor.average.memory,
    };
  }

  private note(progress: IngestionProgress): void {
    const before = this.latest;
    this.latest = progress;
    this.crash = undefined;
    if (progress.lastError !== undefined && progress.lastError !== before?.lastError) {
      this.logger.warn(`Clicks wait in the spool: ${progress.lastError}`);
    }
    // Once, however many segments it goes on with.
    const isNew = !before?.refusedAside || progress.refusal !== before.refusal;
    if (progress.refusedAside > 0 && progress.refusal !== undefined && isNew) {
      this.logger.error(
        `The database refuses clicks, which are kept aside in spool/quarantine: ${progress.refusal}`,
      );
    }
    const corrupt = progress.corruptRecords - (before?.corruptRecords ?? 0);
    if (corrupt > 0) {
      this.logger.error(`${corrupt} damaged click records were put in quarantine.`);
    }
    this.noteKept(progress, before);
    this.onProgress?.(progress);
  }

  private noteKept(progress: IngestionProgress, before: IngestionProgress | undefined): void {
    if (progress.keepError !== undefined && progress.keepError !== before?.keepError) {
      this.logger.warn(`Stored clicks are not kept in the spool: ${progress.keepError}`);
    }
    if (progress.isReplaying && !before?.isReplaying) {
      this.logger.warn(
        'Kept clicks are offered to the database again: it was restored or failed over, or somebody has asked for it.',
      );
    }
    if (before?.isReplaying && progress.isIngester && !progress.isReplaying) {
      this.logger.warn(
        `The replay has ended. Since the start ${progress.replayedSegments} segments were found that the database had lost.`,
      );
    }
  }

  private report(): HealthReport {
    const {
      lastError,
      lookedAt: _,
      waitingSince: __,
      keptSince: ___,
      ...counts
    } = this.latest ?? {};
    const numbers = { ...counts, lagMs: this.lagMs };
    const isLate = numbers.lagMs > this.maxLagMs + LAG_WARNING_MS;
    const trouble = this.crash ?? lastError ?? (isLate ? 'The ingester is behind.' : undefined);
    const waiting = trouble === undefined ? undefined : `Clicks wait in the spool: ${trouble}`;
    const reason = waiting ?? asideReason(counts);
    return reason === undefined
      ? { status: 'up', ...numbers }
      : { status: 'degraded', reason, ...numbers };
  }
}

/** In a sentence for the operator; undefined if nothing is kept aside. */
function asideReason({
  refusedAside = 0,
  corruptAside = 0,
  refusal,
}: Partial<IngestionProgress>): string | undefined {
  if (refusedAside > 0) {
    const said = refusal === undefined ? '' : ` (${refusal})`;
    return `The database has refused ${refusedAside} clicks${said}, which are kept aside in spool/quarantine: remove the cause, then run "spool:replay".`;
  }
  if (corruptAside > 0) {
    return `${corruptAside} damaged click records are kept aside in spool/quarantine: delete the .corrupt files once you have looked at them.`;
  }
  return undefined;
}

const sleep = (ms: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, ms).unref();
  });
