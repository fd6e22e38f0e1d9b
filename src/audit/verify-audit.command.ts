import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { processConfig } from '../../config/load-config.js';
import { connectionTarget } from '../platform/database/connection.js';
import { describeError } from '../platform/database/database-unavailable.js';
import { EmbeddedDatabase } from '../platform/database/embedded/embedded-database.js';
import { AuditChainsRepository } from './audit-chains.repository.js';
import { AuditVerifier, type ChainEnd } from './audit-verifier.js';

const USAGE = `usage: bin/signpost.js audit:verify [file]
  file   what an earlier run has printed: its hashes must still be in the chains`;

const LINE = /^([0-9a-f-]{36}) (\d{1,18}) ([0-9a-f]{64})$/;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** `signpost audit:verify`: whether the audit trail is as it was written, and where its chains end. */
async function main([file, ...rest]: string[]): Promise<void> {
  if (rest.length > 0) throw new Error(USAGE);
  const kept = file === undefined ? [] : readKept(file);
  const { server, database } = processConfig();
  const embedded =
    database.url === undefined ? await EmbeddedDatabase.open(server.dataDir) : undefined;
  await embedded?.listening;
  const {
    statement_timeout: _,
    query_timeout: __,
    ...target
  } = connectionTarget(database, embedded?.endpoint);
  const client = new pg.Client({ ...target, application_name: 'signpost-audit' });
  let faults = 0;
  const tellFault = (fault: string): void => {
    faults += 1;
    process.stderr.write(`${fault}\n`);
  };
  try {
    await client.connect();
    await new AuditVerifier(
      new AuditChainsRepository(client),
      tellFault,
      ({ chain, length, hash }) => say(`${chain} ${length} ${hash}`),
    ).run(kept);
  } finally {
    await client.end();
    await embedded?.stop();
  }
  if (faults > 0) throw new Error(`${faults} faults were found`);
}

/** A file that is no output of this command must not pass for one that proves something. */
function readKept(file: string): ChainEnd[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [, chain, length, hash] = LINE.exec(line.trimEnd()) ?? [];
    if (chain === undefined) throw new Error(`${file} is no output of this command`);
    return { chain, length: BigInt(length!), hash: hash! };
  });
}

// What is printed is kept.
Logger.overrideLogger(['error']);
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`The audit trail is not verified: ${describeError(error)}\n`);
  process.exitCode = 1;
}
