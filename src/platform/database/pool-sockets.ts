import { Socket } from 'node:net';

/**
 * The sockets of a pool. A connection that the network has lost says nothing: its
 * query fails in time, but TypeORM then gives it back to the pool, where it would fail everybody
 * after that. So sockets are closed on which nothing comes any more; the pool replaces them.
 */
export class PoolSockets {
  private readonly open = new Set<Socket>();
  private suspects = new Map<Socket, number>();

  /**
   * @param silentMs how long a query may take, at the most; 0: silence alone closes no socket
   * @param newSocket gets the settings of the `pg` client
   */
  constructor(
    private readonly silentMs: number,
    private readonly newSocket: (settings?: object) => Socket = () => new Socket(),
  ) {}

  /** Makes the socket of a connection: the `stream` of a `pg` client. */
  readonly create = (settings?: object): Socket => {
    const socket = this.newSocket(settings);
    socket.setTimeout(this.silentMs, () => socket.destroy());
    socket.once('close', () => this.open.delete(socket));
    this.open.add(socket);
    return socket;
  };

  /**
   * When PostgreSQL does not answer, what is open may be lost. When it answers again, those on which
   * nothing has come since are closed.
   */
  note(answers: boolean): void {
    if (!answers) {
      this.suspects = new Map([...this.open].map((socket) => [socket, socket.bytesRead]));
      return;
    }
    for (const [socket, bytes] of this.suspects) if (socket.bytesRead === bytes) socket.destroy();
    this.suspects.clear();
  }
}
