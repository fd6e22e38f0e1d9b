import { createHash } from 'node:crypto';
import type {
  AuditChainsRepository,
  ChainedEvent,
  StoredChain,
} from './audit-chains.repository.js';

/** Where a chain ended: what an operator keeps elsewhere. */
export interface ChainEnd {
  chain: string;
  /** Events so far, those included that were deleted because of their age. */
  length: bigint;
  /** Of the last event, in hexadecimal. */
  hash: string;
}

/** How far a chain has been followed. */
interface Position {
  sequence: bigint;
  hash: Buffer;
}

/** Follows every chain of the audit trail, and tells of each event that is not as it was written. */
export class AuditVerifier {
  constructor(
    private readonly chains: AuditChainsRepository,
    private readonly onFault: (fault: string) => void,
    private readonly onChain: (end: ChainEnd) => void,
  ) {}

  /** @param kept what was printed before, and kept where nobody who can write to the database could change it */
  async run(kept: ChainEnd[] = []): Promise<void> {
    await this.chains.begin();
    const found = new Set<string>();
    for (const chain of await this.chains.findChains()) {
      found.add(chain.id);
      await this.follow(
        chain,
        kept.filter((end) => end.chain === chain.id),
      );
    }
    await this.chains.end();
    for (const { chain } of kept) {
      if (!found.has(chain)) this.onFault(`Chain ${chain} was removed.`);
    }
  }

  private async follow(chain: StoredChain, kept: ChainEnd[]): Promise<void> {
    const begin = { sequence: BigInt(chain.purged), hash: chain.purgedHash };
    let last: Position = begin;
    this.compare(chain.id, begin, kept);
    for await (const event of this.chains.findEvents(chain.id)) {
      const next = { sequence: BigInt(event.sequence), hash: event.hash };
      if (next.sequence <= begin.sequence) {
        this.tell(chain.id, event, 'was added: the chain begins later');
        continue;
      }
      this.compareWithLast(chain.id, event, last);
      this.compare(chain.id, next, kept);
      last = next;
    }
    this.compareEnd(chain, last);
    for (const { length } of kept) {
      if (length > last.sequence) this.tellOfRemoved(chain.id, last.sequence + 1n, length);
    }
    this.onChain({ chain: chain.id, length: last.sequence, hash: last.hash.toString('hex') });
  }

  private compareWithLast(chain: string, event: ChainedEvent, last: Position): void {
    const sequence = BigInt(event.sequence);
    if (!hashOf(event).equals(event.hash)) this.tell(chain, event, 'was changed');
    if (sequence > last.sequence + 1n) this.tellOfRemoved(chain, last.sequence + 1n, sequence - 1n);
    else if (!event.previousHash.equals(last.hash)) {
      this.tell(chain, event, `does not follow event ${last.sequence}: one of them was changed`);
    }
  }

  private compareEnd(chain: StoredChain, last: Position): void {
    const length = BigInt(chain.length);
    if (length > last.sequence) this.tellOfRemoved(chain.id, last.sequence + 1n, length);
    else if (length < last.sequence) {
      this.onFault(`Chain ${chain.id}: events ${length + 1n} to ${last.sequence} were added.`);
    } else if (!chain.lastHash.equals(last.hash)) {
      this.onFault(`Chain ${chain.id}: event ${length} is not the one that it ended with.`);
    }
  }

  private compare(chain: string, { sequence, hash }: Position, kept: ChainEnd[]): void {
    for (const end of kept) {
      if (end.length === sequence && end.hash !== hash.toString('hex')) {
        this.onFault(`Chain ${chain}: event ${sequence} or one before it was changed.`);
      }
    }
  }

  private tell(chain: string, { sequence, id }: ChainedEvent, what: string): void {
    this.onFault(`Chain ${chain}: event ${sequence} (${id}) ${what}.`);
  }

  private tellOfRemoved(chain: string, first: bigint, last: bigint): void {
    const events = first === last ? `event ${first} was` : `events ${first} to ${last} were`;
    this.onFault(`Chain ${chain}: ${events} removed.`);
  }
}

const hashOf = ({ previousHash, text }: ChainedEvent): Buffer =>
  createHash('sha256').update(previousHash).update(text).digest();
