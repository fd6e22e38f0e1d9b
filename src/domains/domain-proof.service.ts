import { Resolver } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { dnsUnavailable, recordMissing } from './domains.problems.js';
import type { DomainRecord } from './domains.types.js';

const TIMEOUT_MS = 1_500;
const TRIES = 2;

/** The DNS says that there is no such record, or no such name. */
const ABSENT = new Set(['ENODATA', 'ENOTFOUND']);

/** Who can write into the DNS of a host has it: that is the proof. */
@Injectable()
export class DomainProofService {
  protected readonly resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });

  /** @throws ProblemError domain-not-verified */
  async insist(record: DomainRecord): Promise<void> {
    const found = await this.resolver.resolveTxt(record.name).catch((error: unknown) => {
      if (ABSENT.has((error as { code: string }).code)) return [];
      throw dnsUnavailable(record, error);
    });
    // A long value comes in parts.
    const values = found.map((parts) => parts.join('').trim());
    if (!values.includes(record.value)) throw recordMissing(record, values.length);
  }
}
