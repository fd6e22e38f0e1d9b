#!/usr/bin/env -S node --enable-source-maps --min-semi-space-size=16 --v8-pool-size=1 --heap-growing-percent=100
import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

const MIGRATE = 'dist/src/platform/database/migrate.command.js';

/** The script of each command, its first arguments, and what it is for. */
const COMMANDS = {
  serve: { script: 'dist/src/main.js', purpose: 'run the service (the default)' },
  migrate: { script: MIGRATE, args: ['run'], purpose: 'apply the pending migrations' },
  'migrate:revert': { script: MIGRATE, args: ['revert'], purpose: 'undo the newest migration' },
  'spool:replay': {
    script: 'dist/src/analytics/ingestion/replay-spool.command.js',
    purpose: 'offer the database kept and refused clicks again, after a restore or a repair',
  },
  'audit:verify': {
    script: 'dist/src/audit/verify-audit.command.js',
    purpose: 'find events of the audit trail that were changed, removed or added',
  },
  distribute: {
    script: 'dist/src/analytics/ingestion/distribute.command.js',
    purpose: 'spread the tables of clicks over the workers of Citus (--undo: back)',
  },
  'user:create': {
    script: 'dist/src/bootstrap/create-user.command.js',
    purpose: 'make an account',
  },
  import: {
    script: 'dist/src/bootstrap/import-export.command.js',
    args: ['import'],
    purpose: 'take over the links of another service from its export file',
  },
  export: {
    script: 'dist/src/bootstrap/import-export.command.js',
    args: ['export'],
    purpose: 'write all links of a workspace into a file',
  },
  healthcheck: {
    script: 'bin/healthcheck.js',
    purpose: 'exit with 0 if the service here is alive',
  },
};
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'];

const [, file, command = 'serve', ...rest] = process.argv;
const isHelp = ['help', '--help', '-h'].includes(command);

if (isHelp) process.stdout.write(usage());
else if (!Object.hasOwn(COMMANDS, command)) {
  process.stderr.write(`signpost: there is no command "${command}"\n${usage()}`);
  process.exitCode = 2;
} else if (command === 'healthcheck' || hasNodeOptions()) await run();
else runAgain();

function usage() {
  const lines = Object.entries(COMMANDS).map(
    ([name, { purpose }]) => `  ${name.padEnd(17)}${purpose}\n`,
  );
  return `usage: signpost [command] [arguments]\n${lines.join('')}`;
}

/** The options of Node.js stand in the first line of this file, and nowhere else. */
function nodeOptions() {
  const [firstLine] = readFileSync(import.meta.filename, 'utf8').split('\n', 1);
  return firstLine
    .trim()
    .split(' ')
    .filter((word) => word.startsWith('--'));
}

function hasNodeOptions() {
  return nodeOptions().every((option) => process.execArgv.includes(option));
}

/** Becomes the command: the process, its signals, its exit code and its terminal are this one's. */
async function run() {
  const { script, args = [] } = COMMANDS[command];
  const url = new URL(`../${script}`, import.meta.url);
  if (!existsSync(url)) {
    process.stderr.write(`signpost: ${script} is missing; make it with "npm run build"\n`);
    process.exit(1);
  }
  // The service stops in an order of its own. Nothing else ends PID 1 of a container.
  if (command !== 'serve') exitOnSignals();
  endWithLauncher();
  process.argv = [process.execPath, file, ...args, ...rest];
  await import(url);
}

function exitOnSignals() {
  for (const signal of SIGNALS) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

/** A launcher that is killed cannot pass that on, but its end of the channel closes. */
function endWithLauncher() {
  // Workers of the service have a channel, too; Node.js looks after those.
  if (!process.channel || cluster.isWorker) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}

/**
 * For `node bin/signpost.js`, and for Windows, which does not read the first line: a running process
 * cannot be given these options any more, so a child gets them.
 */
function runAgain() {
  const args = [...process.execArgv, ...nodeOptions(), ...process.argv.slice(1)];
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
  const child = spawn(process.execPath, args, { stdio });
  let passedOn;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      passedOn = signal;
      child.kill(signal);
    });
  }
  child.once('error', (error) => {
    process.stderr.write(`signpost: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    // The service had not come to its first line, from which on it would have ended with 0 itself.
    if (command === 'serve' && signal === passedOn && signal !== 'SIGHUP') process.exit(0);
    // Ends the way its child did. PID 1 cannot, and says it as shells do.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
  });
}
