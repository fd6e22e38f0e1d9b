import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts secrets that have to be read back, such as those that sign webhooks: a copy of the database has none
 * of them. The key is made of the server's secret, which is not in the database.
 */
export class SecretBox {
  private readonly keys: Buffer[];

  /**
   * @param purpose another one makes another key
   * @param previousSecrets what they have sealed is opened, too
   */
  constructor(purpose: string, secret: string, previousSecrets: readonly string[] = []) {
    this.keys = [secret, ...previousSecrets].map((one) =>
      Buffer.from(hkdfSync('sha256', one, '', `signpost/${purpose}/v1`, 32)),
    );
  }

  /** It opens for that owner only. */
  seal(owner: string, text: string): Buffer {
    return sealWith(this.keys[0]!, owner, Buffer.from(text));
  }

  /** The text, or undefined if it was sealed by another secret or for another owner, or was altered. */
  open(owner: string, sealed: Buffer): string | undefined {
    for (const key of this.keys) {
      const text = openWith(key, owner, sealed);
      if (text !== undefined) return text.toString();
    }
    return undefined;
  }

  /** Whether it was sealed by a secret that will be forgotten. */
  isOutdated(owner: string, sealed: Buffer): boolean {
    return openWith(this.keys[0]!, owner, sealed) === undefined;
  }
}

/** AES-256-GCM: iv, authentication tag, ciphertext. @param owner whom it opens for, or what */
export function sealWith(key: Uint8Array, owner: string, bytes: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(owner));
  const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}

/** What `sealWith` has sealed, or undefined if it was by another key or for another owner, or was altered. */
export function openWith(key: Uint8Array, owner: string, sealed: Buffer): Buffer | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(owner));
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    const text = decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]);
  } catch {
    return undefined;
  }
}
