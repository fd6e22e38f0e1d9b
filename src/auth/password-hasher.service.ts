import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { AuthConfig } from '../../config/auth.config.js';
import type { Client } from '../platform/http/client.js';
import { HashingQueue } from './hashing.queue.js';
import { type Bcrypt, HashingThreads } from './hashing.threads.js';
import { MAX_PASSWORD_BYTES, opaqueString } from './password.policy.js';

/**
 * More at once would take more memory and be no faster on a small machine. On a single core each
 * thread that hashes is one more that redirects take turns with, however low its priority is.
 */
const MAX_RUNNING = Math.min(2, availableParallelism());

/** Hashes and checks passwords, a few at a time, and in fair turns. */
@Injectable()
export class PasswordHasherService {
  private readonly queue = new HashingQueue(MAX_RUNNING);

  constructor(
    private readonly config: AuthConfig,
    @Inject(HashingThreads) private readonly threads: Bcrypt,
  ) {}

  /**
   * Whoever would be turned away is so before anything else is done for them.
   * @throws ProblemError too-many-requests
   */
  insistOnRoom(client?: Client): void {
    this.queue.insistOnRoom(client);
  }

  /** @throws as HashingQueue.run */
  hash(password: string, client?: Client): Promise<string> {
    return this.queue.run(client, () =>
      this.threads.hash(opaqueString(password), this.config.bcryptCost),
    );
  }

  /**
   * Whether the password is right, and if so, whether its hash should be made anew: it is outdated if
   * it is of another cost than is configured now, or from before passwords were normalised. Without a
   * hash the answer comes after as much work as with one, so time tells nothing.
   * @throws as HashingQueue.run
   */
  async verify(
    password: string,
    hash: string | undefined,
    client?: Client,
  ): Promise<'right' | 'outdated' | 'wrong'> {
    const compare = (text: string): Promise<boolean> =>
      this.queue.run(client, () => this.threads.compare(text, hash ?? this.decoy()));
    const normal = opaqueString(password);
    if ((await compare(normal)) && hash !== undefined) {
      return bcrypt.getRounds(hash) === this.config.bcryptCost ? 'right' : 'outdated';
    }
    // No password was longer, and bcrypt would compare only its beginning.
    if (password === normal || Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return 'wrong';
    return (await compare(password)) && hash !== undefined ? 'outdated' : 'wrong';
  }

  /** A well-formed hash of no known password. */
  private decoy(): string {
    const cost = String(this.config.bcryptCost).padStart(2, '0');
    return `$2b$${cost}$C6UzMDM.H6dfI/f/IKcEeO7ZBPQUMVbPvPZ3yAcjAYNlGpG5GOYCS`;
  }
}
