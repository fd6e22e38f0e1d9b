import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EnvironmentConfig } from '../../../config/environment.config.js';
import { OperationsConfig } from '../../../config/operations.config.js';

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * Who may see what is for the people who run the service: its metrics, and why it is not healthy.
 * Whoever sends METRICS_TOKEN; without one, everybody in development and test, elsewhere nobody.
 */
@Injectable()
export class OperatorAccess {
  private readonly isForEverybody: boolean;
  private readonly digest: Buffer | undefined;

  constructor({ metricsToken }: OperationsConfig, { name }: EnvironmentConfig) {
    this.digest = metricsToken === undefined ? undefined : digestOf(metricsToken);
    this.isForEverybody = !this.digest && (name === 'development' || name === 'test');
  }

  /** Whether there is a token to prove it with. */
  get hasToken(): boolean {
    return this.digest !== undefined;
  }

  /** Whether who sends this Authorization header may see it. */
  admits(authorization: string | undefined): boolean {
    return this.isForEverybody || this.recognises(authorization);
  }

  /** Whether the header has the token. It takes the same time however much of it is right. */
  recognises(authorization = ''): boolean {
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined || !this.digest) return false;
    return timingSafeEqual(digestOf(token), this.digest);
  }
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
