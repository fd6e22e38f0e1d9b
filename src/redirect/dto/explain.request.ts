import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIP, IsString, Matches, ValidateIf } from 'class-validator';
import { IsTimestamp, TIMESTAMP_PATTERN } from '../../common/validation/is-timestamp.decorator.js';
import {
  MaxCodePoints,
  NoControlCharacters,
  PLAIN_TEXT_PATTERN,
} from '../../common/validation/text.rules.js';
import type { ImaginedVisit } from '../explain.types.js';

/** As much of a header as redirects look at. */
const MAX_HEADER = 512;
const MAX_QUERY = 2_048;
const COUNTRY = '^[A-Z]{2}$';
const QUERY = String.raw`^[!-"$-~]*$`;

const IsGiven = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

/** What would be known of the visitor; what is absent is not. */
export class ExplainRequest {
  @ApiPropertyOptional({
    maxLength: MAX_HEADER,
    pattern: PLAIN_TEXT_PATTERN,
    description: 'By it the device and the operating system are told, and bots.',
    example:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
  })
  @IsGiven()
  @NoControlCharacters()
  @MaxCodePoints(MAX_HEADER)
  @IsString()
  userAgent?: string;

  @ApiPropertyOptional({
    anyOf: [
      { type: 'string', format: 'ipv4' },
      { type: 'string', format: 'ipv6' },
    ],
    description:
      'The IP address: by it and the user agent visitors of a split are told apart, and by it alone the country.',
    example: '203.0.113.9',
  })
  @IsGiven()
  @IsIP(undefined, { message: '$property must be an IP address' })
  @IsString()
  address?: string;

  @ApiPropertyOptional({
    pattern: COUNTRY,
    description: 'The country (ISO 3166-1 alpha-2), whatever that of the address is.',
    example: 'DE',
  })
  @IsGiven()
  @Matches(new RegExp(COUNTRY), { message: '$property must be a country such as DE' })
  @IsString()
  country?: string;

  @ApiPropertyOptional({
    maxLength: MAX_HEADER,
    pattern: PLAIN_TEXT_PATTERN,
    description: 'The header Accept-Language, or one language.',
    example: 'de-AT,de;q=0.9',
  })
  @IsGiven()
  @NoControlCharacters()
  @MaxCodePoints(MAX_HEADER)
  @IsString()
  language?: string;

  @ApiPropertyOptional({
    maxLength: MAX_QUERY,
    pattern: QUERY,
    description: 'The query of the short URL, percent-encoded as in a URL.',
    example: 'ref=partner',
  })
  @IsGiven()
  @Matches(new RegExp(QUERY), { message: '$property must be a query as it is in a URL' })
  @MaxCodePoints(MAX_QUERY)
  @IsString()
  query?: string;

  @ApiPropertyOptional({
    maxLength: MAX_HEADER,
    pattern: PLAIN_TEXT_PATTERN,
    description: 'The header Referer.',
    example: 'https://news.example/',
  })
  @IsGiven()
  @NoControlCharacters()
  @MaxCodePoints(MAX_HEADER)
  @IsString()
  referrer?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    pattern: TIMESTAMP_PATTERN,
    description: 'When the visitor comes; now, if absent.',
    example: '2026-12-24T18:00:00Z',
  })
  @IsGiven()
  @IsTimestamp()
  at?: string;

  static toVisit({ at, query, ...visit }: ExplainRequest): ImaginedVisit {
    return {
      ...visit,
      query: query?.replace(/^\?/, ''),
      at: at === undefined ? undefined : Date.parse(at),
    };
  }
}
