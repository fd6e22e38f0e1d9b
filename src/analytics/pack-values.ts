import { newWordsOfTheirOwn, wordsIn } from './pack-format.js';

/** What is known of a click in one respect; null is "unknown". */
export type PackValue = string | number | null;

const JSON_FORM = 0;
const UUID_FORM = 1;
const UUID_BYTES = 16;

/** How values are written: ids take less than half as much as in JSON. */
export type ValueForm = 'json' | 'uuid';

/** The values of a packed column, each of them once. */
export class PackValues {
  private constructor(
    readonly size: number,
    readonly at: (place: number) => PackValue,
    private readonly bytes: Buffer,
  ) {}

  /** Ids as they are, four words each. */
  words(newWords = newWordsOfTheirOwn): Uint32Array {
    return wordsIn(this.bytes, newWords);
  }

  static decode(form: number, bytes: Buffer): PackValues {
    if (form === UUID_FORM) {
      // One string of all of them: slices of it take a fraction of what one of its own takes each.
      let text: string | undefined;
      const at = (place: number): string => uuidAt((text ??= bytes.toString('latin1')), place);
      return new PackValues(bytes.length / UUID_BYTES, at, bytes);
    }
    const values = JSON.parse(bytes.toString()) as PackValue[];
    return new PackValues(values.length, (place) => values[place]!, bytes);
  }

  static encode(form: ValueForm, values: PackValue[]): { form: number; bytes: Buffer } {
    return form === 'uuid'
      ? { form: UUID_FORM, bytes: Buffer.from(values.join(''), 'latin1') }
      : { form: JSON_FORM, bytes: Buffer.from(JSON.stringify(values)) };
  }
}

const uuidAt = (text: string, place: number): string =>
  text.slice(place * UUID_BYTES, (place + 1) * UUID_BYTES);

/**
 * A UUID as the value of a packed column: a string of its bytes, because making the usual text of
 * each of very many takes long.
 */
export const packUuid = (uuid: string): string => uuidBytes(uuid).toString('latin1');

export function unpackUuid(packed: string): string {
  const hex = Buffer.from(packed, 'latin1').toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** As many UUIDs as there are, four words each, as `PackValues.words`. */
export const wordsOfUuids = (bytes: Buffer): Uint32Array => wordsIn(bytes, newWordsOfTheirOwn);

/** Each of them as the value of a packed column. */
export function packedUuids(bytes: Buffer): string[] {
  const text = bytes.toString('latin1');
  return Array.from({ length: bytes.length / UUID_BYTES }, (_, place) => uuidAt(text, place));
}

export const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');
