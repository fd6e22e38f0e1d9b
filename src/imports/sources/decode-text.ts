import { isUtf8 } from 'node:buffer';

/**
 * What the bytes 0x80 to 0x9F mean in Windows-1252; 0 where they mean nothing. By hand, because the
 * TextDecoder of Node 20 takes them for those of Latin-1, where all of them are control characters.
 */
const WINDOWS_1252 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
  0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161,
  0x203a, 0x0153, 0, 0x017e, 0x0178,
];
const BYTES = new Map(WINDOWS_1252.map((point, index) => [point, 0x80 + index]));

/** Enough to see that every other byte is nothing. */
const SAMPLE = 1024;

/** The text of a file: UTF-8 or UTF-16, with or without a byte order mark, else Windows-1252. */
export function decodeText(bytes: Buffer): string {
  const encoding = utf16Of(bytes);
  if (encoding !== undefined) return new TextDecoder(encoding).decode(bytes);
  return isUtf8(bytes) ? new TextDecoder().decode(bytes) : fromWindows1252(bytes);
}

function utf16Of(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const sample = bytes.subarray(0, SAMPLE);
  const zeros = [0, 0];
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2]! += 1;
  // Of what is written in a file for links most is ASCII.
  if (zeros[1]! > sample.length / 4 && zeros[0] === 0) return 'utf-16le';
  return zeros[0]! > sample.length / 4 && zeros[1] === 0 ? 'utf-16be' : undefined;
}

const fromWindows1252 = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (char) =>
      String.fromCharCode(WINDOWS_1252[char.charCodeAt(0) - 0x80] || char.charCodeAt(0)),
    );

/**
 * The text as it was before UTF-8 was taken for Windows-1252 ("GrÃ¶ÃŸe"), as old dumps have it; a text
 * that was not stays as it is.
 */
export function repairMojibake(text: string): string {
  if (!/[\u00c2-\u00f4]/.test(text)) return text;
  const bytes = Buffer.alloc(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const byte = unit < 0x100 ? unit : BYTES.get(unit);
    if (byte === undefined) return text;
    bytes[index] = byte;
  }
  return isUtf8(bytes) ? bytes.toString() : text;
}
