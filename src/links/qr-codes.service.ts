import { Injectable } from '@nestjs/common';
import { ProblemError } from '../common/problem/problem.error.js';
import { type QrLook, qrPng, qrSvg, QrTooSmall } from '../common/qr-code.js';
import { LinksService } from './links.service.js';

/** Less contrast than that no reader can be expected to see (WCAG 2 calls it 3:1). */
const MIN_CONTRAST = 3;

/** Draws the short URLs of links. Scans are told from other visits by what the codes add to them. */
@Injectable()
export class QrCodesService {
  constructor(private readonly links: LinksService) {}

  /** @throws ProblemError link-not-found, invalid-request */
  async svg(userId: string, linkId: string, size: number, look: QrLook): Promise<string> {
    insistOnContrast(look);
    return qrSvg(await this.scannedUrl(userId, linkId), size, look);
  }

  /** @throws ProblemError link-not-found, invalid-request */
  async png(userId: string, linkId: string, size: number, look: QrLook): Promise<Buffer> {
    insistOnContrast(look);
    const url = await this.scannedUrl(userId, linkId);
    return qrPng(url, size, look).catch((error: unknown) => {
      if (!(error instanceof QrTooSmall)) throw error;
      throw invalid('size', `must be at least ${error.smallest} for this link, margin and level`);
    });
  }

  private async scannedUrl(userId: string, linkId: string): Promise<string> {
    return `${(await this.links.get(userId, linkId)).shortUrl}?qr`;
  }
}

/** Readers look for dark on light. */
function insistOnContrast({ dark, light }: QrLook): void {
  if ((brightness(light) + 0.05) / (brightness(dark) + 0.05) < MIN_CONTRAST) {
    throw invalid('dark', `must be darker than light, with a contrast of ${MIN_CONTRAST} to 1`);
  }
}

/** From 0 to 1, as WCAG 2 defines it. */
function brightness(colour: string): number {
  const [red, green, blue] = [...Buffer.from(colour, 'hex')].map((byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

const invalid = (name: string, detail: string): ProblemError =>
  new ProblemError('invalid-request', {
    detail: `${name} ${detail}.`,
    errors: [{ pointer: `?${name}`, code: 'invalid', detail: `${name} ${detail}` }],
  });
