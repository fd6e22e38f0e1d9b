import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUrl, Length, Matches, MaxLength } from 'class-validator';
import { NoControlCharacters, PLAIN_TEXT_PATTERN } from '../../common/validation/text.rules.js';
import { PageQuery } from '../../common/validation/page.query.js';
import { ON_TAKEN, type OnTaken } from '../../links/links.types.js';
import {
  IMPORT_SOURCES,
  type ImportOptions,
  type ImportSource,
  RECORD_OUTCOMES,
  type RecordOutcome,
  REMOTE_SOURCES,
  type RemoteSource,
} from '../imports.types.js';

export class ImportQuery {
  @ApiPropertyOptional({
    description: 'How the file is called; its ending helps where the content does not tell.',
    minLength: 1,
    maxLength: 255,
    pattern: PLAIN_TEXT_PATTERN,
    example: 'links.csv',
  })
  @IsOptional()
  @NoControlCharacters()
  @Length(1, 255)
  @IsString()
  fileName?: string;

  @ApiPropertyOptional({
    enum: IMPORT_SOURCES,
    description: 'Which service the file is from; told from its content if absent.',
    example: 'shlink',
  })
  @IsOptional()
  @IsIn(IMPORT_SOURCES, { message: `$property must be one of ${IMPORT_SOURCES.join(', ')}` })
  source?: ImportSource;

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    description:
      'With `true` nothing is changed, and what would become of each record is reported.',
    example: 'true',
  })
  @IsOptional()
  @IsIn(['true', 'false'], { message: '$property must be true or false' })
  dryRun?: 'true' | 'false';

  @ApiPropertyOptional({
    enum: ON_TAKEN,
    default: 'skip',
    description:
      'What becomes of a record whose code is taken: it is left out, gets another code such as `code-2`, or the link of this workspace that has the code is changed to what the record says. A code that cannot be one here (other characters, reserved, offensive) is replaced with `rename`, and else left out.',
    example: 'rename',
  })
  @IsOptional()
  @IsIn(ON_TAKEN, { message: `$property must be one of ${ON_TAKEN.join(', ')}` })
  onTaken?: OnTaken;

  static toOptions({ dryRun, onTaken = 'skip', ...query }: ImportQuery): ImportOptions {
    return { ...query, onTaken, dryRun: dryRun === 'true' };
  }
}

/** A running service whose links are taken over. */
export class RemoteImportRequest {
  @ApiProperty({ enum: REMOTE_SOURCES, example: 'shlink' })
  @IsIn(REMOTE_SOURCES, { message: `$property must be one of ${REMOTE_SOURCES.join(', ')}` })
  source: RemoteSource;

  @ApiProperty({
    format: 'uri',
    pattern: '^[Hh][Tt][Tt][Pp][Ss]?://',
    maxLength: 2000,
    description:
      'Where its API answers, without the path of a version: `https://api-ssl.bitly.com` and `https://api.dub.co` for those two. It must not lead to a private address, unless whoever runs this service allows that. Redirects are not followed.',
    example: 'https://s.example.com',
  })
  @MaxLength(2000)
  @IsUrl(
    {
      protocols: ['http', 'https'],
      require_protocol: true,
      require_tld: false,
      disallow_auth: true,
    },
    { message: '$property must be an absolute http:// or https:// URL without a user name' },
  )
  url: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 1000,
    pattern: '^[!-~]+$',
    writeOnly: true,
    description: 'What it knows you by. It is kept, encrypted, until the service has answered all.',
    example: 'b1c2d3e4-0000-4000-8000-000000000000',
  })
  @Matches(/^[!-~]+$/, { message: '$property must be of printable ASCII characters' })
  @Length(1, 1000)
  @IsString()
  apiKey: string;
}

export class ImportRecordsQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: RECORD_OUTCOMES,
    description: 'Only records that this became of.',
    example: 'failed',
  })
  @IsOptional()
  @IsIn(RECORD_OUTCOMES, { message: `$property must be one of ${RECORD_OUTCOMES.join(', ')}` })
  outcome?: RecordOutcome;
}
