import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';

/**
 * pass: as if it were not there · refuse: nobody listens, and what is connected is closed · reset:
 * every connection is torn down · blackhole: connections are accepted, and nothing ever comes of
 * what is sent · delayMs: everything is late, both ways.
 */
export type Fault = 'pass' | 'refuse' | 'reset' | 'blackhole' | { delayMs: number };

/** One connection through the proxy, which may be made to fail under way. */
class Link {
  private readonly upstream: Socket | undefined;
  private isDead: boolean;

  constructor(
    private readonly client: Socket,
    target: { host: string; port: number },
    private readonly fault: () => Fault,
  ) {
    this.isDead = fault() === 'blackhole';
    this.client.on('error', () => undefined);
    if (this.isDead) {
      this.client.resume();
      return;
    }
    this.upstream = connect({ ...target, noDelay: true });
    this.upstream.on('error', () => this.end());
    this.carry(client, this.upstream);
    this.carry(this.upstream, client);
  }

  /** What was swallowed never comes, also when the network is well again. */
  die(): void {
    this.isDead = true;
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.upstream?.destroy();
  }

  end(): void {
    this.client.destroy();
    this.upstream?.destroy();
  }

  private carry(from: Socket, to: Socket): void {
    let last = Promise.resolve();
    const later = (work: () => void): void => {
      const fault = this.fault();
      const due = typeof fault === 'object' ? sleep(fault.delayMs) : undefined;
      // One after the other, also when the delay becomes shorter.
      last = last.then(async () => {
        await due;
        // The other side does not learn that this one is gone, either.
        if (!this.isDead) work();
      });
    };
    from.on('data', (chunk: Buffer) => later(() => to.write(chunk)));
    from.on('close', () => later(() => to.destroy()));
  }
}

/** A TCP proxy in front of a PostgreSQL that does to its connections what networks do. */
export class FaultProxy {
  private readonly links = new Set<Link>();
  private fault: Fault = 'pass';
  private server: Server | undefined;

  private constructor(
    private readonly target: URL,
    private readonly port: number,
  ) {}

  /** A proxy to the database at this URL. */
  static async to(databaseUrl: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(databaseUrl), await freePort());
    await proxy.listen();
    return proxy;
  }

  /** The database as it is reached through the proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  async set(fault: Fault): Promise<void> {
    this.fault = fault;
    if (fault === 'refuse') await this.stopListening();
    else await this.listen();
    for (const link of this.links) {
      if (fault === 'refuse') link.end();
      else if (fault === 'reset') link.reset();
      else if (fault === 'blackhole') link.die();
    }
  }

  async close(): Promise<void> {
    for (const link of this.links) link.end();
    await this.stopListening();
  }

  private async listen(): Promise<void> {
    if (this.server) return;
    const target = { host: this.target.hostname, port: Number(this.target.port || 5432) };
    const server = createServer({ noDelay: true }, (client) => {
      const link = new Link(client, target, () => this.fault);
      this.links.add(link);
      if (this.fault === 'reset') link.reset();
    });
    await once(server.listen(this.port, '127.0.0.1'), 'listening');
    this.server = server;
  }

  private async stopListening(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (!server) return;
    for (const link of this.links) link.end();
    await new Promise((done) => server.close(done));
  }
}
