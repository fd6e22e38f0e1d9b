import { randomFillSync } from 'node:crypto';

const RANDOM_BYTES = 10;
/** Asking for randomness costs a microsecond, however little is asked for. */
const pool = Buffer.alloc(RANDOM_BYTES * 256);
let used = pool.length;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A UUID of version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits. */
export function uuidv7(now: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += RANDOM_BYTES;
  const hex = (index: number): string => HEX[pool[at + index]!]!;
  const time = now.toString(16).padStart(12, '0');
  const version = HEX[(pool[at]! & 0x0f) | 0x70]!;
  const variant = HEX[(pool[at + 2]! & 0x3f) | 0x80]!;
  return (
    `${time.slice(0, 8)}-${time.slice(8)}-${version}${hex(1)}-${variant}${hex(3)}-` +
    `${hex(4)}${hex(5)}${hex(6)}${hex(7)}${hex(8)}${hex(9)}`
  );
}

/** Before all others in order (RFC 9562, section 5.9). */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';
