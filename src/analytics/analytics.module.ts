import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { ServerConfig } from '../../config/server.config.js';
import { ClickMetrics } from './click.metrics.js';
import { IngestionModule } from './ingestion/ingestion.module.js';
import { IngestionService } from './ingestion/ingestion.service.js';
import { ClickRecorderService } from './recording/click-recorder.service.js';
import { RecordingModule } from './recording/recording.module.js';
import { ReportsModule } from './reports/reports.module.js';

/** The way of a click from the redirect to the reports. */
@Module({ imports: [RecordingModule, IngestionModule, ReportsModule], providers: [ClickMetrics] })
export class AnalyticsModule implements OnApplicationShutdown {
  constructor(
    private readonly recorder: ClickRecorderService,
    private readonly ingestion: IngestionService,
    private readonly server: ServerConfig,
  ) {}

  /** All requests are answered by now: what they have left in the spool goes to the database. */
  async onApplicationShutdown(): Promise<void> {
    await this.recorder.close();
    const timeoutMs = (this.server.shutdownGraceSeconds * 1000) / 3;
    await this.ingestion.drain(timeoutMs, () => this.recorder.hasWaiting);
  }
}
