import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const KEY_ID_BYTES = 8;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The key of a SaltCipher. It is made of the server's secret, which is not in the database. */
export const saltKeyOf = (secret: string): Uint8Array =>
  derive(secret, 'signpost/analytics/visitor-salt/v1', KEY_BYTES);

/**
 * Encrypts the salts of visitors: a copy of the database has them next to the hashes, and whoever can
 * read both finds the addresses by trying all there are.
 */
export class SaltCipher {
  /** Tells this key from others, and nothing about it. */
  readonly keyId: Buffer;

  constructor(private readonly key: Uint8Array) {
    this.keyId = Buffer.from(
      derive(key, 'signpost/analytics/visitor-salt/key-id/v1', KEY_ID_BYTES),
    );
  }

  /** iv, authentication tag, ciphertext; it opens for that day only. */
  seal(day: string, salt: Buffer): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, iv).setAAD(Buffer.from(day));
    const ciphertext = Buffer.concat([cipher.update(salt), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
  }

  /** The salt, or undefined if it was sealed by another key or for another day, or was altered. */
  open(day: string, sealed: Buffer): Buffer | undefined {
    if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.key, sealed.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(day));
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      const salt = decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES));
      return Buffer.concat([salt, decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

const derive = (secret: string | Uint8Array, label: string, bytes: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', label, bytes));
