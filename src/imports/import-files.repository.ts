import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';
import type { RecordOutcome, ReportedRecord } from './imports.types.js';

/** What imports are made of, and what became of their records. */
@Injectable()
export class ImportFilesRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Adds a piece of the file, or an answer of a service. */
  async addChunk(importId: string, number: number, bytes: Buffer): Promise<void> {
    await this.database.query('INSERT INTO import_chunks VALUES ($1, $2, $3)', [
      importId,
      number,
      bytes,
    ]);
  }

  /** How many there are, and how many bytes in all. */
  async sizeOf(importId: string): Promise<{ chunks: number; bytes: number }> {
    const [row] = await this.database.query<{ chunks: number; bytes: number }>(
      `SELECT count(*)::int AS chunks, coalesce(sum(length(bytes)), 0)::int AS bytes
       FROM import_chunks WHERE import_id = $1`,
      [importId],
    );
    return row!;
  }

  /** All of them, in their order; read one by one, for the driver takes each in hexadecimal. */
  async readChunks(importId: string): Promise<Buffer[]> {
    const { chunks } = await this.sizeOf(importId);
    const read: Buffer[] = [];
    for (let number = 0; number < chunks; number += 1) {
      const [row] = await this.database.query<{ bytes: Buffer }>(
        'SELECT bytes FROM import_chunks WHERE import_id = $1 AND number = $2',
        [importId, number],
      );
      // Gone, if the import was cancelled a moment ago.
      if (row) read.push(row.bytes);
    }
    return read;
  }

  async report(
    importId: string,
    records: (ReportedRecord & { linkDomain: string })[],
  ): Promise<void> {
    await this.database.query(
      `INSERT INTO import_records
         (import_id, index, line, domain, code, url, outcome, link_id, link_domain, link_code,
          warnings, problem)
       SELECT $1, index, line, domain, code, url, outcome, "linkId", "linkDomain", "linkCode",
         warnings, problem
       FROM jsonb_to_recordset($2) AS record (
         index int, line int, domain text, code text, url text, outcome text, "linkId" uuid,
         "linkDomain" text, "linkCode" text, warnings jsonb, problem jsonb
       )`,
      [importId, JSON.stringify(records)],
    );
  }

  /** Those behind the record `after`, in their order. */
  findRecords(
    importId: string,
    limit: number,
    after: number,
    outcome?: RecordOutcome,
  ): Promise<ReportedRecord[]> {
    return this.database.query<ReportedRecord>(
      `SELECT index, line, domain, code, url, outcome, link_id AS "linkId",
         link_code AS "linkCode", warnings, problem
       FROM import_records
       WHERE import_id = $1 AND index > $2 AND ($4::text IS NULL OR outcome = $4)
       ORDER BY index LIMIT $3`,
      [importId, after, limit, outcome],
    );
  }

  /** Those of the codes that records of the import have got here, or would have, behind their domains. */
  async findCodes(importId: string, codes: string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ key: string }>(
      `SELECT link_domain || '/' || link_code AS key FROM import_records
       WHERE import_id = $1 AND link_code = ANY($2::text[])`,
      [importId, codes],
    );
    return new Set(rows.map(({ key }) => key));
  }
}
