import type { Socket } from 'node:net';
import { ClientSession, type Unit } from './client-session.js';
import { code, frame, framesOf, query, startup, sync, textAt } from './frames.js';
import { Handshake } from './handshake.js';

/** A PostgreSQL that runs messages one after the other in a single session: PGlite. */
export interface Backend {
  /** The answer to the messages, whole. Throws only if the database is broken. */
  execProtocolRawSync(message: Uint8Array): Uint8Array;
}

export interface WireServerOptions {
  /** Asked for where the file system does not say who may connect (TCP). */
  password?: string;
  /** A transaction that nothing is heard of for longer is rolled back: all others wait for it. */
  idleInTransactionMs?: number;
  /** Called when the database is broken, after its clients have been told. */
  onBroken: (error: unknown) => void;
}

/**
 * Lets many ordinary PostgreSQL clients share the one session that PGlite has. A batch runs as a
 * whole, and while a client is in a transaction the batches of the others wait. What a session
 * keeps beyond that is kept apart per client: named statements and LISTEN. SET, like behind a
 * transaction pooler, lasts for the batch or transaction that it is in. Temporary tables, advisory
 * locks and SQL's own PREPARE are shared, statement timeouts and cancel requests are not known.
 */
export class WireServer {
  private readonly sessions = new Set<ClientSession>();
  private readonly parameters: Buffer;
  private readonly idleTimer: NodeJS.Timeout;
  private waiting: Unit[] = [];
  /** Whoever has a transaction or a batch open: only its units run. */
  private owner: ClientSession | undefined;
  private settingsChanged = false;
  private lastId = 0;

  constructor(
    private readonly backend: Backend,
    private readonly options: WireServerOptions,
  ) {
    const hello = this.execute(startup({ user: 'postgres', database: 'postgres' }));
    this.parameters = Buffer.concat([...framesOf(hello)].filter((part) => part[0] === code('S')));
    this.idleTimer = setTimeout(() => this.expelOwner(), options.idleInTransactionMs ?? 30_000);
    this.idleTimer.unref();
  }

  accept(socket: Socket): void {
    const session = new ClientSession((this.lastId += 1), socket);
    this.sessions.add(session);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.leave(session));
    const handshake = new Handshake(session, this.parameters, this.options.password);
    let receive = (message: Buffer): void => {
      if (handshake.take(message)) receive = (next) => this.take(session, next);
    };
    socket.on('data', (chunk) => {
      try {
        session.reader.push(chunk);
        for (let next; !socket.destroyed && (next = session.reader.next());) receive(next);
      } catch (error) {
        session.dismiss('08P01', (error as Error).message);
      }
    });
  }

  /** Whether a client has a transaction or a batch open. */
  get isBusy(): boolean {
    return this.owner !== undefined;
  }

  /** Ends all connections, as a PostgreSQL does that is shut down. */
  close(): void {
    clearTimeout(this.idleTimer);
    for (const session of this.sessions) {
      session.dismiss('57P01', 'the embedded database is shutting down');
    }
  }

  private take(session: ClientSession, message: Buffer): void {
    if (message[0] === code('X')) {
      session.socket.end();
      return;
    }
    const unit = session.take(message);
    if (!unit) return;
    this.waiting.push(unit);
    this.runWaiting();
  }

  private runWaiting(): void {
    for (;;) {
      const next = this.owner ? this.waiting.findIndex((unit) => unit.session === this.owner) : 0;
      const [unit] = next < 0 ? [] : this.waiting.splice(next, 1);
      if (!unit) return;
      this.run(unit);
    }
  }

  private run({ session, message, open }: Unit): void {
    let status = open ? code('T') : code('I');
    const answer: Buffer[] = [];
    let channelsChanged = false;
    for (const part of framesOf(this.execute(message))) {
      if (part[0] === code('A')) {
        this.notify(part);
        continue;
      }
      if (part[0] === code('Z')) status = open ? code('T') : part[5]!;
      if (part[0] === code('C')) {
        const tag = textAt(part, 5).text;
        this.settingsChanged ||= tag === 'SET' || tag === 'RESET' || tag.startsWith('DISCARD');
        channelsChanged ||= tag === 'UNLISTEN' || tag.startsWith('DISCARD');
      }
      answer.push(part);
    }
    session.send(...answer);
    this.owner = status === code('I') ? undefined : session;
    if (this.owner) this.idleTimer.refresh();
    else this.resetSettings();
    if (channelsChanged) this.listenAgain();
  }

  private resetSettings(): void {
    if (!this.settingsChanged) return;
    this.settingsChanged = false;
    this.execute(query('RESET ALL'));
  }

  /** One client's UNLISTEN must not silence the others. */
  private listenAgain(): void {
    const wanted = new Set([...this.sessions].flatMap((session) => [...session.channels]));
    for (const channel of wanted) this.execute(query(`LISTEN "${channel.replaceAll('"', '""')}"`));
  }

  private notify(notification: Buffer): void {
    const channel = textAt(notification, 9).text;
    for (const session of this.sessions) {
      if (session.channels.has(channel)) session.send(notification);
    }
  }

  /** Undoes what the client has left behind, and lets the next one in. */
  private leave(session: ClientSession): void {
    this.sessions.delete(session);
    this.waiting = this.waiting.filter((unit) => unit.session !== session);
    if (this.owner === session) {
      this.owner = undefined;
      this.execute(Buffer.concat([sync, query('ROLLBACK')]));
      this.resetSettings();
    }
    const closing = [...session.statements].map((name) => frame('C', Buffer.from('S'), name));
    if (closing.length > 0) this.execute(Buffer.concat([...closing, sync]));
    if (session.channels.size > 0) {
      this.execute(query('UNLISTEN *'));
      this.listenAgain();
    }
    this.runWaiting();
  }

  private expelOwner(): void {
    this.owner?.dismiss('25P03', 'terminating connection due to idle-in-transaction timeout');
  }

  private execute(message: Buffer): Buffer {
    try {
      const answer = this.backend.execProtocolRawSync(message);
      return Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
    } catch (error) {
      for (const session of this.sessions) {
        session.dismiss('57P02', 'the embedded database has failed and is being restarted');
      }
      this.options.onBroken(error);
      return Buffer.alloc(0);
    }
  }
}
