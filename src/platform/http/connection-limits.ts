import type { Socket } from 'node:net';
import { Injectable, Logger } from '@nestjs/common';
import { ServerConfig } from '../../../config/server.config.js';
import { MetricsService } from '../observability/metrics.service.js';
import { ClientAddress, networkOf } from './client-address.js';

const WARN_EVERY_MS = 60_000;

/**
 * How many connections this process has at once, in all and of each address (of IPv6 each /64), so that
 * one machine cannot take the places of all others. Trusted proxies have the connections of many
 * visitors, so only the limit of all holds for them.
 */
@Injectable()
export class ConnectionLimits {
  private readonly logger = new Logger(ConnectionLimits.name);
  private readonly addresses: ClientAddress;
  private readonly open = new Map<string, number>();
  private total = 0;
  private refused = 0;
  private warnedAt = -Infinity;

  constructor(
    private readonly config: ServerConfig,
    metrics: MetricsService,
  ) {
    this.addresses = new ClientAddress(config.trustedProxies);
    const total = () => this.total;
    const refused = () => this.refused;
    metrics.gauge({
      name: 'signpost_connections',
      help: 'Open connections of clients.',
      collect() {
        this.set(total());
      },
    });
    metrics.counter({
      name: 'signpost_connections_refused_total',
      help: 'Connections beyond MAX_CONNECTIONS or MAX_CONNECTIONS_PER_ADDRESS.',
      collect() {
        this.reset();
        this.inc(refused());
      },
    });
  }

  /** Whether the connection may stay, which is counted until it is closed; else it is closed now. */
  admit(socket: Socket): boolean {
    const peer = this.addresses.peerOf(socket);
    const network = networkOf(peer);
    const others = this.open.get(network) ?? 0;
    const isFull =
      others >= this.config.maxConnectionsPerAddress && !this.addresses.isTrusted(peer);
    if (isFull || this.total >= this.config.maxConnections) {
      this.refuse(socket, isFull ? 'MAX_CONNECTIONS_PER_ADDRESS' : 'MAX_CONNECTIONS');
      return false;
    }
    this.total += 1;
    this.open.set(network, others + 1);
    socket.once('close', () => this.forget(network));
    return true;
  }

  private forget(network: string): void {
    this.total -= 1;
    const left = this.open.get(network)! - 1;
    if (left === 0) this.open.delete(network);
    else this.open.set(network, left);
  }

  private refuse(socket: Socket, limit: string): void {
    this.refused += 1;
    socket.destroy();
    const now = performance.now();
    if (now - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = now;
    this.logger.warn(`Connections beyond ${limit} are refused`);
  }
}
