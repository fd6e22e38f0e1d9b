import { Module } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { ClickRecorderService } from './click-recorder.service.js';

/** The click spool: a click is on disk before its visitor is redirected. */
@Module({
  providers: [ClickRecorderService, Clock],
  exports: [ClickRecorderService],
})
export class RecordingModule {}
