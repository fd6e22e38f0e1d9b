import cluster from 'node:cluster';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AuthConfig } from '../../config/auth.config.js';
import { EnvironmentConfig } from '../../config/environment.config.js';
import { ServerConfig } from '../../config/server.config.js';
import { forgetSetupToken, keptSetupToken } from '../../config/setup-token.js';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { setupTokenRequired } from './auth.problems.js';
import { UsersRepository } from './users.repository.js';

/**
 * Sees to it that the first account, which becomes the administrator's, is made by whoever runs
 * the service: outside development it takes a token that only they can know.
 */
@Injectable()
export class SetupService implements OnApplicationBootstrap {
  private readonly logger = new Logger(SetupService.name);
  private readonly isNeeded: boolean;

  constructor(
    { name }: EnvironmentConfig,
    private readonly auth: AuthConfig,
    private readonly server: ServerConfig,
    private readonly users: UsersRepository,
    private readonly status: DatabaseStatus,
  ) {
    this.isNeeded = name !== 'development' && name !== 'test';
  }

  onApplicationBootstrap(): void {
    void this.status.whenReady().then(() => this.announce());
  }

  /**
   * Asks for the token of whoever makes the first account.
   * @throws ProblemError setup-token-required
   */
  insistOnToken(given: string | undefined): void {
    if (this.isNeeded && !isSame(given ?? '', this.token())) throw setupTokenRequired();
  }

  /** There is an account now: the token is of no more use. */
  finish(): void {
    try {
      forgetSetupToken(this.server.dataDir);
    } catch (error) {
      this.logger.warn(`The file setup-token in DATA_DIR stays: ${(error as Error).message}`);
    }
  }

  /**
   * At every start until there is an account, because logs are rotated. Of several workers the first
   * one says it for all.
   */
  private async announce(): Promise<void> {
    if (!this.isNeeded || (cluster.worker?.id ?? 1) !== 1) return;
    try {
      if (await this.users.exists()) return this.finish();
      const token = this.auth.setupToken === undefined ? this.token() : 'the one of SETUP_TOKEN';
      this.logger.warn(
        'There is no account yet. Make the first one, the administrator, with ' +
          '"bin/signpost.js user:create --email you@example.com --admin", or register with the field ' +
          `"setupToken" (POST ${this.server.publicUrl}/api/v1/auth/register): ${token}`,
      );
    } catch (error) {
      this.logger.warn(`Nobody can be told the setup token: ${(error as Error).message}`);
    }
  }

  /** Read each time, so that all processes agree on it. */
  private token(): string {
    return this.auth.setupToken ?? keptSetupToken(this.server.dataDir);
  }
}

/** After the same time, wherever they differ. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}
