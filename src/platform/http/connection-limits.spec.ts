import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectionLimits } from './connection-limits.js';

class FakeSocket extends EventEmitter {
  isDestroyed = false;

  constructor(readonly remoteAddress: string) {
    super();
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }
}

describe(ConnectionLimits.name, () => {
  let limits: ConnectionLimits;

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(() => {
    const metrics = { gauge: () => undefined, counter: () => undefined };
    const config = {
      maxConnections: 6,
      maxConnectionsPerAddress: 2,
      trustedProxies: ['10.0.0.0/8'],
    };
    limits = new ConnectionLimits(config as never, metrics as never);
  });

  const connect = (address: string) => {
    const socket = new FakeSocket(address);
    return { socket, isAdmitted: limits.admit(socket as unknown as Socket) };
  };
  const admitted = (...addresses: string[]) =>
    addresses.map((address) => connect(address).isAdmitted);

  it('closes the connections of one address beyond its share, and leaves room for others', () => {
    expect(admitted('192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2')).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it('takes all addresses of an IPv6 network for one, and both spellings of an IPv4 address', () => {
    expect(admitted('2001:db8::1', '2001:db8::2', '2001:db8:0:0:9::3')).toEqual([
      true,
      true,
      false,
    ]);
    expect(admitted('192.0.2.1', '::ffff:192.0.2.1', '192.0.2.1')).toEqual([true, true, false]);
  });

  it('lets a trusted proxy have as many as there may be in all', () => {
    expect(admitted(...Array<string>(7).fill('10.1.2.3'))).toEqual([
      ...Array<boolean>(6).fill(true),
      false,
    ]);
  });

  it('gives the places of closed connections to others, and none for refused ones', () => {
    const [first] = [connect('192.0.2.1'), connect('192.0.2.1')];
    expect(connect('192.0.2.1').socket.isDestroyed).toBe(true);
    expect(admitted('192.0.2.1')).toEqual([false]);
    first.socket.destroy();
    expect(admitted('192.0.2.1', '192.0.2.1')).toEqual([true, false]);
  });
});
