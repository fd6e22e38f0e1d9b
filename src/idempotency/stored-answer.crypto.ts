import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What a client's key is known by in the database: nobody can get the key back from it. */
export function hashIdempotencyKey(userId: string, key: string): Buffer {
  return createHash('sha256').update(`user:${userId}\n${key}`).digest();
}

/**
 * Encrypts stored answers, which may hold tokens. The encryption key is made of the server's
 * secret and the client's Idempotency-Key, neither of which is in the database.
 */
export class StoredAnswerCipher {
  /** @param previousSecrets what they have sealed is opened, too */
  constructor(
    private readonly secret: string,
    private readonly idempotencyKey: string,
    private readonly keyHash: Buffer,
    private readonly previousSecrets: readonly string[] = [],
  ) {}

  /** iv, authentication tag, ciphertext. */
  seal(text: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.encryptionKey(this.secret), iv);
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
  }

  /** The text, or undefined if this cipher did not seal it (another secret) or it was altered. */
  open(sealed: Buffer): string | undefined {
    if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
    for (const secret of [this.secret, ...this.previousSecrets]) {
      const text = this.openWith(secret, sealed);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  private openWith(secret: string, sealed: Buffer): string | undefined {
    const iv = sealed.subarray(0, IV_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.encryptionKey(secret), iv, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      const text = decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  private encryptionKey(secret: string): Buffer {
    const info = `signpost/idempotency/stored-answer/v1\0${this.idempotencyKey}`;
    return Buffer.from(hkdfSync('sha256', secret, this.keyHash, info, 32));
  }
}
