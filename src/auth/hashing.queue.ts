import { ProblemError } from '../common/problem/problem.error.js';
import { networkOf } from '../platform/http/client-address.js';
import type { Client } from '../platform/http/client.js';

/** More from one address wait for nothing but a place in the queue. */
const MAX_WAITING_OF_ADDRESS = 10;
/** Of all addresses: this bounds the memory, and how long whoever comes last has to wait. */
const MAX_WAITING = 100;
/** What a hash of the default cost takes, until one has been measured. */
const FIRST_HASH_MS = 250;

interface Waiting {
  begin: () => void;
  refuse: (reason: Error) => void;
}

/**
 * Who may hash next. Each client address has a queue of its own and the queues take turns, so that
 * one with many waiting delays another's first by one turn. Whoever hangs up while they wait lose
 * their place, before it costs a hash.
 */
export class HashingQueue {
  private free: number;
  private waiting = 0;
  private hashMs = FIRST_HASH_MS;
  /** By address, the one whose turn it is first. */
  private readonly queues = new Map<string, Set<Waiting>>();

  constructor(private readonly places: number) {
    this.free = places;
  }

  /** @throws ProblemError too-many-requests if nobody else of this address may wait at the moment */
  insistOnRoom(client?: Client): void {
    if (this.sizeOf(queueOf(client)) >= MAX_WAITING_OF_ADDRESS) throw this.full();
  }

  /**
   * Runs the work when it is this client's turn. Without a client it is the operator's own.
   * @throws ProblemError too-many-requests if there is no room, or somebody of another address, of
   *   which fewer are waiting, gets it; the reason of the client's signal if they have hung up
   */
  async run<T>(client: Client | undefined, work: () => Promise<T>): Promise<T> {
    await this.turn(client);
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.hashMs = performance.now() - startedAt;
      this.beginNext();
    }
  }

  private turn(client: Client | undefined): Promise<void> | void {
    if (this.free > 0) {
      this.free -= 1;
      return;
    }
    client?.signal.throwIfAborted();
    const address = queueOf(client);
    this.makeRoomFor(address);
    return new Promise((resolve, reject) => this.add(address, client?.signal, resolve, reject));
  }

  private add(
    address: string,
    signal: AbortSignal | undefined,
    resolve: () => void,
    reject: (reason: Error) => void,
  ): void {
    const hangUp = (): void => {
      this.remove(address, entry);
      reject(signal!.reason as Error);
    };
    const entry: Waiting = {
      begin: () => {
        signal?.removeEventListener('abort', hangUp);
        resolve();
      },
      refuse: (reason) => {
        signal?.removeEventListener('abort', hangUp);
        reject(reason);
      },
    };
    const queue = this.queues.get(address) ?? new Set();
    this.queues.set(address, queue.add(entry));
    this.waiting += 1;
    signal?.addEventListener('abort', hangUp, { once: true });
  }

  /** When all places are taken, the last of the address that has most of them goes. */
  private makeRoomFor(address: string): void {
    const own = this.sizeOf(address);
    if (own >= MAX_WAITING_OF_ADDRESS) throw this.full();
    if (this.waiting < MAX_WAITING) return;
    const [largest, queue] = [...this.queues].reduce((a, b) => (b[1].size > a[1].size ? b : a));
    if (queue.size <= own + 1) throw this.full();
    const last = [...queue].at(-1)!;
    this.remove(largest, last);
    last.refuse(this.full());
  }

  /** The place goes straight to the next in line, so nobody can slip in between. */
  private beginNext(): void {
    const [next] = this.queues;
    if (!next) {
      this.free += 1;
      return;
    }
    const [address, queue] = next;
    const [first] = queue;
    this.remove(address, first!);
    // To the end of the line of addresses.
    if (this.queues.delete(address)) this.queues.set(address, queue);
    first!.begin();
  }

  private remove(address: string, entry: Waiting): void {
    const queue = this.queues.get(address);
    if (!queue?.delete(entry)) return;
    this.waiting -= 1;
    if (queue.size === 0) this.queues.delete(address);
  }

  private sizeOf(address: string): number {
    return this.queues.get(address)?.size ?? 0;
  }

  /** By then every address has had a turn, so each of them has one place more. */
  private full(): ProblemError {
    const turnMs = (this.queues.size * this.hashMs) / this.places;
    return new ProblemError('too-many-requests', {
      detail: 'Too many passwords from your address wait to be checked. Try again in a moment.',
      headers: { 'retry-after': String(Math.max(1, Math.ceil(turnMs / 1_000))) },
    });
  }
}

const queueOf = (client: Client | undefined): string => networkOf(client?.address ?? '');
