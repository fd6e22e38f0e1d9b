import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { decodeQR } from 'qr/decode.js';
import { type QrLevel, type QrLook, qrPng, qrSvg, QrTooSmall } from './qr-code.js';

const LOOK: QrLook = { level: 'M', margin: 4, dark: '000000', light: 'ffffff' };
const LONGEST = `https://${'a.'.repeat(122)}example/${'x'.repeat(64)}?qr`;

/** What a camera would see of an image of two colours. */
function seen(png: Buffer) {
  const width = png.readUInt32BE(16);
  const palette = png.subarray(png.indexOf('PLTE') + 4);
  const at = png.indexOf('IDAT');
  const pixels = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  const stride = pixels.length / width;
  const data = new Uint8Array(width * width * 3);
  for (let n = 0; n < width * width; n += 1) {
    const [x, y] = [n % width, Math.floor(n / width)];
    const bit = (pixels[y * stride + 1 + (x >> 3)]! >> (7 - (x & 7))) & 1;
    data.set(palette.subarray(bit * 3, bit * 3 + 3), n * 3);
  }
  return { width, height: width, data };
}

describe(qrPng, () => {
  it.each<[string, number, Partial<QrLook>]>([
    ['https://go.example.com/summer?qr', 64, {}],
    ['https://go.example.com/summer?qr', 300, { level: 'L', margin: 1 }],
    ['https://go.example.com/summer?qr', 333, { level: 'Q', dark: '1a237e', light: 'fff8e1' }],
    ['https://go.example.com/summer?qr', 2048, { level: 'H', margin: 16 }],
    [LONGEST, 512, { level: 'H' }],
  ])('makes of %s an image of %i pixels that can be read, with %j', async (text, size, look) => {
    const image = seen(await qrPng(text, size, { ...LOOK, ...look }));
    expect(image.width).toBe(size);
    expect(decodeQR(image)).toBe(text);
  });

  it('refuses an image with less than a pixel for a module, and says how many it takes', async () => {
    const error = await qrPng(LONGEST, 64, LOOK).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(QrTooSmall);
    const { smallest } = error as QrTooSmall;
    expect(decodeQR(seen(await qrPng(LONGEST, smallest * 2, LOOK)))).toBe(LONGEST);
  });
});

describe(qrSvg, () => {
  it.each<QrLevel>(['L', 'M', 'Q', 'H'])(
    'draws the same modules as the image at level %s',
    async (level) => {
      const text = 'https://go.example.com/summer?qr';
      const svg = qrSvg(text, 256, { ...LOOK, level, dark: '102030' });
      const width = Number(/viewBox="0 0 (\d+) /.exec(svg)![1]);
      const data = new Uint8Array(width * width * 3).fill(255);
      for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
        const start = Number(y) * width + Number(x);
        data.fill(0, start * 3, (start + Number(length)) * 3);
      }
      const { data: image } = seen(await qrPng(text, width, { ...LOOK, level }));
      expect(data).toEqual(image);
      expect(svg).toContain('<path fill="#102030"');
    },
  );
});
