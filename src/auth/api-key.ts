import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_LENGTH = 30;
const CHECKSUM_LENGTH = 6;
const SHAPE = /^sgp_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

/** By which keys are told from access tokens, also by scanners for secrets. */
export const API_KEY_PREFIX = 'sgp_';

/** A new key: 30 random characters (178 bits) and the CRC32 of them, behind the prefix. */
export function newApiKey(): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => BASE62[randomInt(62)]).join('');
  return `${API_KEY_PREFIX}${random}${checksumOf(random)}`;
}

/** What is stored of a key, or undefined if it was mistyped or cut off, and needs no query to be refused. */
export function apiKeyHash(key: string): Buffer | undefined {
  const [, random, checksum] = SHAPE.exec(key) ?? [];
  if (random === undefined || checksumOf(random) !== checksum) return undefined;
  return createHash('sha256').update(key).digest();
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  while (digits.length < CHECKSUM_LENGTH) {
    digits = BASE62[rest % 62]! + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
