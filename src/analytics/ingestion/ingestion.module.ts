import { Module } from '@nestjs/common';
import { IngestionService } from './ingestion.service.js';

/** Brings clicks from the spool into the database, exactly once. */
@Module({ providers: [IngestionService], exports: [IngestionService] })
export class IngestionModule {}
