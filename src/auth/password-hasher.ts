import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { AuthConfig } from '../../config/auth.config.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { type Bcrypt, HashingThreads } from './hashing.threads.js';

/**
 * More at once would take more memory and be no faster on a small machine. On a single core each
 * thread that hashes is one more that redirects take turns with, however low its priority is.
 */
const MAX_RUNNING = Math.min(2, availableParallelism());
/** Some five seconds of work at the default cost; whoever comes later is told to come back. */
const MAX_WAITING = 50;

/** Hashes and checks passwords, a few at a time. */
@Injectable()
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly config: AuthConfig,
    @Inject(HashingThreads) private readonly threads: Bcrypt,
  ) {}

  hash(password: string): Promise<string> {
    return this.whenFree(() => this.threads.hash(password, this.config.bcryptCost));
  }

  /** Without a hash it answers false after as much work as with one, so time tells nothing. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const matches = await this.whenFree(() => this.threads.compare(password, hash ?? this.decoy()));
    return matches && hash !== undefined;
  }

  /** Whether the hash was made at another cost than is configured now. */
  isOutdated(hash: string): boolean {
    return bcrypt.getRounds(hash) !== this.config.bcryptCost;
  }

  /** A well-formed hash of no known password. */
  private decoy(): string {
    const cost = String(this.config.bcryptCost).padStart(2, '0');
    return `$2b$${cost}$C6UzMDM.H6dfI/f/IKcEeO7ZBPQUMVbPvPZ3yAcjAYNlGpG5GOYCS`;
  }

  private async whenFree<T>(work: () => Promise<T>): Promise<T> {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  private acquire(): Promise<void> | void {
    if (this.running < MAX_RUNNING) {
      this.running += 1;
      return;
    }
    if (this.waiting.length >= MAX_WAITING) {
      throw new ProblemError('too-many-requests', {
        detail: 'Too many passwords are being checked at the moment. Try again in a few seconds.',
        headers: { 'retry-after': '5' },
      });
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** The place goes straight to the next in line, so nobody can slip in between. */
  private release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.running -= 1;
  }
}
