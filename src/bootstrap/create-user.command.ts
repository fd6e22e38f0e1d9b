import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../../config/config.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { AuthService } from '../auth/auth.service.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { DatabaseStatus } from '../platform/database/database-status.js';
import { ProblemError } from '../common/problem/problem.error.js';
import { ObservabilityModule } from '../platform/observability/observability.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';

const USAGE = `usage: bin/signpost.js user:create --email you@example.com [--name "Your Name"] [--admin]
The password is asked for, or read from the standard input; if it is empty, one is made up.`;

const CONNECT_WITHIN_MS = 30_000;
const MADE_UP_BYTES = 15;

/** What an account needs; neither the spool, nor a port. */
@Module({
  imports: [ConfigModule, ObservabilityModule, DatabaseModule, AuthModule, WorkspacesModule],
})
class AccountsModule {}

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** `signpost user:create`: an account made by whoever runs the service, also while that runs. */
async function main(): Promise<void> {
  const { email, name, isAdmin } = readArguments();
  const given = await readPassword();
  const password = given || randomBytes(MADE_UP_BYTES).toString('base64url');
  const app = await NestFactory.createApplicationContext(AccountsModule, {
    logger: false,
    abortOnError: false,
  });
  try {
    await app.init();
    await untilReady(app.get(DatabaseStatus));
    const role = isAdmin ? 'admin' : 'member';
    const user = await app.get(AuthService).create({ email, name, password }, role);
    say(`Made the account of ${user.email} (${user.role}).`);
    if (!given) say(`Password, shown this once: ${password}`);
  } finally {
    await app.close();
  }
}

function readArguments(): { email: string; name?: string; isAdmin: boolean } {
  const options = {
    email: { type: 'string' },
    name: { type: 'string' },
    admin: { type: 'boolean', default: false },
  } as const;
  try {
    const { email, name, admin } = parseArgs({ options }).values;
    if (email !== undefined)
      return { email: email.trim(), name: name || undefined, isAdmin: admin };
  } catch {
    // The message would repeat what was typed, and that may be a password.
  }
  throw new Error(USAGE);
}

/** From a person it is hidden as they type. An editor's newline is not part of a password. */
async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  terminal.once('SIGINT', () => process.exit(130));
  const ask = async (what: string): Promise<string> => {
    process.stderr.write(`${what}: `);
    const answer = await terminal.question('');
    process.stderr.write('\n');
    return answer;
  };
  try {
    const password = await ask('Password (empty: make one up)');
    if (password === '' || password === (await ask('Once more'))) return password;
    throw new Error('the passwords are not the same');
  } finally {
    terminal.close();
  }
}

async function untilReady(status: DatabaseStatus): Promise<void> {
  const deadline = Date.now() + CONNECT_WITHIN_MS;
  while (status.state !== 'ready') {
    if (status.state === 'pending-migrations') {
      throw new Error('migrations are pending, run "bin/signpost.js migrate" first');
    }
    if (status.state === 'unsuitable') throw new Error(status.lastError);
    if (Date.now() > deadline) throw new Error(status.lastError ?? 'the database does not answer');
    await sleep(50);
  }
}

try {
  await main();
} catch (error) {
  const reason = error instanceof ProblemError ? error.detail : (error as Error).message;
  process.stderr.write(`No account was made: ${reason}\n`);
  process.exitCode = 1;
}
