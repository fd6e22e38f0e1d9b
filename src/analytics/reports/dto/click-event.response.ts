import { ApiProperty } from '@nestjs/swagger';
import type { ClickEvent, ClickEventPage } from '../reports.types.js';

const KNOWN = { type: String, nullable: true } as const;

/** A click; null is what is not known of it. */
export class ClickEventResponse {
  @ApiProperty({ format: 'uuid', example: '01912d3a-9999-7c3f-8a4d-9e6f0a1b2c3d' })
  id: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T09:41:12.345Z' })
  clickedAt: string;

  @ApiProperty({ ...KNOWN, description: 'ISO 3166-1 alpha-2.', example: 'DE' })
  country: string | null;

  @ApiProperty({ ...KNOWN, description: 'The host only.', example: 'news.example' })
  referrer: string | null;

  @ApiProperty({ ...KNOWN, example: 'Firefox' })
  browser: string | null;

  @ApiProperty({ ...KNOWN, example: 'Linux' })
  os: string | null;

  @ApiProperty({ ...KNOWN, example: 'desktop' })
  device: string | null;

  @ApiProperty({ ...KNOWN, description: 'The one preferred most.', example: 'de' })
  language: string | null;

  @ApiProperty({ ...KNOWN, example: 'newsletter' })
  utmSource: string | null;

  @ApiProperty({ ...KNOWN, example: 'email' })
  utmMedium: string | null;

  @ApiProperty({ ...KNOWN, example: 'summer-sale' })
  utmCampaign: string | null;

  @ApiProperty({ example: false })
  isBot: boolean;

  @ApiProperty({
    ...KNOWN,
    description: 'The name of the rule or variant that led there; null is the `url` of the link.',
    example: null,
  })
  target: string | null;

  @ApiProperty({ ...KNOWN, description: '`qr` if it came from a QR code (`?qr`).', example: null })
  qr: string | null;

  static from({ id, clickedAt, isBot, dimensions }: ClickEvent): ClickEventResponse {
    const { utm_source, utm_medium, utm_campaign, target, qr, ...known } = dimensions;
    return {
      id,
      clickedAt: clickedAt.toISOString(),
      ...known,
      utmSource: utm_source,
      utmMedium: utm_medium,
      utmCampaign: utm_campaign,
      isBot,
      target,
      qr,
    };
  }
}

export class ClickEventPageResponse {
  @ApiProperty({ type: [ClickEventResponse] })
  items: ClickEventResponse[];

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Send it as `cursor` to get the next page; null on the last one.',
    example: 'AZEtOlsufD-KTZ5vChssPQmibyp0yx',
  })
  nextCursor: string | null;

  static from({ items, nextCursor }: ClickEventPage): ClickEventPageResponse {
    return { items: items.map((item) => ClickEventResponse.from(item)), nextCursor };
  }
}
