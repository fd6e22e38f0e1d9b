import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../common/cursor.js';
import { ON_TAKEN, type OnTaken } from '../../links/links.types.js';
import {
  type Import,
  IMPORT_SOURCES,
  IMPORT_STATUSES,
  type ImportSource,
  type ImportStatus,
  RECORD_OUTCOMES,
  type RecordOutcome,
  type ReportedRecord,
} from '../imports.types.js';

const ID = { format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' } as const;
const TEXT = { type: String, nullable: true } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T09:30:00.000Z' } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;
const NEXT_CURSOR = {
  ...TEXT,
  description: 'Send it as `cursor` to get the next page; null on the last one.',
  example: 'AZEtOlsufD-KTZ5vChssPQ',
} as const;

export class ImportNoteResponse {
  @ApiProperty({ description: 'Stable.', example: 'tag-too-long' })
  code: string;

  @ApiProperty({ example: 'the tag "aaaaaaaaaaaaaaaaaaaa…" has more than 50 characters' })
  detail: string;
}

export class ImportProgressResponse {
  @ApiProperty({ ...COUNT, description: 'Records that are done.', example: 1200 })
  read: number;

  @ApiProperty({
    ...COUNT,
    nullable: true,
    description: 'How many there are; null until the file has been looked through.',
    example: 5000,
  })
  total: number | null;

  @ApiProperty({ ...COUNT, example: 1150 })
  created: number;

  @ApiProperty({ ...COUNT, example: 0 })
  updated: number;

  @ApiProperty({ ...COUNT, description: 'Made with another code.', example: 12 })
  renamed: number;

  @ApiProperty({ ...COUNT, example: 30 })
  skipped: number;

  @ApiProperty({ ...COUNT, example: 8 })
  failed: number;
}

export class ImportResponse {
  @ApiProperty(ID)
  id: string;

  @ApiProperty(ID)
  workspaceId: string;

  @ApiProperty({ enum: IMPORT_STATUSES, example: 'running' })
  status: ImportStatus;

  @ApiProperty({
    ...TEXT,
    enum: [...IMPORT_SOURCES, null],
    description: 'Null until it is told from the file.',
    example: 'shlink',
  })
  source: ImportSource | null;

  @ApiProperty({ ...TEXT, example: 'links.csv' })
  fileName: string | null;

  @ApiProperty({
    ...TEXT,
    description: 'The service that is asked, if it is no file.',
    example: null,
  })
  url: string | null;

  @ApiProperty({ example: false })
  dryRun: boolean;

  @ApiProperty({ enum: ON_TAKEN, example: 'skip' })
  onTaken: OnTaken;

  @ApiProperty()
  progress: ImportProgressResponse;

  @ApiProperty({
    type: ImportNoteResponse,
    nullable: true,
    description: 'Why it failed.',
    example: null,
  })
  problem: ImportNoteResponse | null;

  @ApiProperty({ ...ID, description: 'The user or the API key.' })
  createdBy: string;

  @ApiProperty(TIME)
  createdAt: string;

  @ApiProperty({ ...TIME, nullable: true })
  startedAt: string | null;

  @ApiProperty({ ...TIME, nullable: true, example: null })
  finishedAt: string | null;

  static from({ createdAt, startedAt, finishedAt, ...fields }: Import): ImportResponse {
    return {
      ...fields,
      createdAt: createdAt.toISOString(),
      startedAt: startedAt?.toISOString() ?? null,
      finishedAt: finishedAt?.toISOString() ?? null,
    };
  }
}

export class ImportPageResponse {
  @ApiProperty({ type: [ImportResponse] })
  items: ImportResponse[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;

  static from({ items, nextCursor }: Page<Import>): ImportPageResponse {
    return { items: items.map((item) => ImportResponse.from(item)), nextCursor };
  }
}

export class ImportRecordResponse implements ReportedRecord {
  @ApiProperty({ ...COUNT, description: 'Its place in the file, from 0 on.', example: 0 })
  index: number;

  @ApiProperty({
    ...COUNT,
    nullable: true,
    description: 'The line that it ends on, where the file has lines.',
    example: 2,
  })
  line: number | null;

  @ApiProperty({ ...TEXT, description: 'As the file has it.', example: 's.example.com' })
  domain: string | null;

  @ApiProperty({ ...TEXT, description: 'As the file has it.', example: 'summer' })
  code: string | null;

  @ApiProperty({ example: 'https://example.com/' })
  url: string;

  @ApiProperty({ enum: RECORD_OUTCOMES, example: 'created' })
  outcome: RecordOutcome;

  @ApiProperty({
    ...ID,
    ...TEXT,
    description: 'The link that was made or changed, or that has the code.',
  })
  linkId: string | null;

  @ApiProperty({
    ...TEXT,
    description: 'The code that it has here, or would have.',
    example: 'summer',
  })
  linkCode: string | null;

  @ApiProperty({ type: [ImportNoteResponse], description: 'What of it was not taken over.' })
  warnings: ImportNoteResponse[];

  @ApiProperty({
    type: ImportNoteResponse,
    nullable: true,
    description: 'Why it was left out.',
    example: null,
  })
  problem: ImportNoteResponse | null;
}

export class ImportRecordPageResponse {
  @ApiProperty({ type: [ImportRecordResponse] })
  items: ImportRecordResponse[];

  @ApiProperty(NEXT_CURSOR)
  nextCursor: string | null;
}
