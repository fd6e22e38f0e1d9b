import { Logger } from '@nestjs/common';
import type { Logger as TypeOrmLoggerContract } from 'typeorm';
import { isDatabaseUnavailable } from './database-unavailable.js';

/** Refused by a constraint, or a lost race: the code that ran the statement deals with these. */
const EXPECTED = /^(23|40)/;

/**
 * What TypeORM has to say, in the log of the application. Parameters are never written: they hold
 * password hashes, tokens and addresses.
 */
export class TypeOrmLogger implements TypeOrmLoggerContract {
  private readonly logger = new Logger('TypeORM');

  logQueryError(error: string | Error, query: string): void {
    const { code = '' } = error as { code?: string };
    const message = error instanceof Error ? error.message : error;
    const handled = EXPECTED.test(code) || isDatabaseUnavailable(error);
    const line = `${message} [${code || 'no code'}] in: ${query}`;
    if (handled) this.logger.debug(line);
    else this.logger.error(line);
  }

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.logger.warn(String(message));
  }

  logMigration(message: string): void {
    this.logger.error(message);
  }

  logQuery(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
}
