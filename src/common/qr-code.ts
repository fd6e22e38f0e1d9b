import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import { encodeQR } from 'qr';

/** How much of the code may be damaged or covered: 7, 15, 25 or 30 % (ISO/IEC 18004). */
export const QR_LEVELS = { L: 'low', M: 'medium', Q: 'quartile', H: 'high' } as const;
export type QrLevel = keyof typeof QR_LEVELS;

export interface QrLook {
  level: QrLevel;
  /** The quiet zone, in modules. */
  margin: number;
  /** Of the modules and of the background, as six hexadecimal digits. */
  dark: string;
  light: string;
}

/** Thrown when the image would have less than a pixel for each module. */
export class QrTooSmall extends Error {
  constructor(readonly smallest: number) {
    super(`The image must have at least ${smallest} pixels.`);
  }
}

const deflated = promisify(deflate);

/** As an SVG that needs nothing from anywhere; `size` is what it takes in CSS pixels, and it scales. */
export function qrSvg(
  text: string,
  size: number,
  { margin, dark, light, ...look }: QrLook,
): string {
  const rows = modulesOf(text, look.level);
  const width = rows.length + 2 * margin;
  const path = rows.map((row, y) => runsOf(row, margin, y + margin)).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" ` +
    `viewBox="0 0 ${width} ${width}" shape-rendering="crispEdges">` +
    `<rect width="${width}" height="${width}" fill="#${light}"/>` +
    `<path fill="#${dark}" d="${path}"/></svg>`
  );
}

/**
 * As a PNG of two colours, a bit a pixel. All modules have the same whole number of pixels; what is left of
 * the size goes to the quiet zone. It is compressed on another thread.
 * @throws QrTooSmall
 */
export async function qrPng(
  text: string,
  size: number,
  { level, margin, dark, light }: QrLook,
): Promise<Buffer> {
  const rows = modulesOf(text, level);
  const width = rows.length + 2 * margin;
  const scale = Math.floor(size / width);
  if (scale === 0) throw new QrTooSmall(width);
  const start = Math.floor((size - rows.length * scale) / 2);
  // Each line has a byte before it that names its filter: none.
  const stride = 1 + Math.ceil(size / 8);
  const pixels = Buffer.alloc(stride * size);
  for (const [y, row] of rows.entries()) {
    const line = lineOf(row, start, scale, stride);
    for (let copy = 0; copy < scale; copy += 1) {
      line.copy(pixels, (start + y * scale + copy) * stride);
    }
  }
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, ONE_BIT, PALETTE, 0, 0, 0]);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(light + dark, 'hex')),
    chunk('IDAT', await deflated(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const ONE_BIT = 1;
const PALETTE = 3;

/** A length, a type, the data and a checksum of the last two (PNG, section 5.3). */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** Of the code alone: the library insists on a quiet zone. */
function modulesOf(text: string, level: QrLevel): boolean[][] {
  const rows = encodeQR(text, 'raw', { ecc: QR_LEVELS[level], border: 1 });
  return rows.slice(1, -1).map((row) => row.slice(1, -1));
}

function runsOf(row: boolean[], left: number, y: number): string {
  let path = '';
  for (let x = 0; x < row.length; x += 1) {
    const start = x;
    while (row[x]) x += 1;
    if (x > start) path += `M${left + start} ${y}h${x - start}v1h-${x - start}z`;
  }
  return path;
}

function lineOf(row: boolean[], start: number, scale: number, stride: number): Buffer {
  const line = Buffer.alloc(stride);
  for (let x = 0; x < row.length * scale; x += 1) {
    if (!row[Math.floor(x / scale)]) continue;
    const at = start + x;
    line[1 + (at >> 3)]! |= 0x80 >> (at & 7);
  }
  return line;
}
