import { describe, expect, it } from '@jest/globals';
import { ClientAddress, networkOf } from './client-address.js';

describe(ClientAddress.name, () => {
  const from = (remoteAddress: string, forwarded?: string) =>
    ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as never;
  const address = new ClientAddress(['10.0.0.0/8', '::1', '192.0.2.7']);

  it('is that of the connection when nobody is trusted', () => {
    expect(new ClientAddress([]).of(from('203.0.113.9', '1.2.3.4'))).toBe('203.0.113.9');
  });

  it('is that of the connection when its peer is not trusted', () => {
    expect(address.of(from('203.0.113.9', '1.2.3.4'))).toBe('203.0.113.9');
  });

  it('is what the last trusted proxy saw, not what the client claimed', () => {
    expect(address.of(from('10.0.0.1', '6.6.6.6, 203.0.113.9, 10.2.3.4'))).toBe('203.0.113.9');
  });

  it.each([
    ['::ffff:10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['::1', '[2001:db8::1]:443', '2001:db8::1'],
    ['192.0.2.7', 'unknown', '192.0.2.7'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.2'],
    ['10.0.0.1', '203.0.113.9,', '10.0.0.1'],
    ['10.0.0.1', '203.0.113.9 , 10.1.1.1,10.2.2.2', '203.0.113.9'],
    ['10.0.0.1', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['::ffff:203.0.113.9', '1.2.3.4', '203.0.113.9'],
  ])('of %s forwarding %s is %s', (peer, forwarded, expected) => {
    expect(address.of(from(peer, forwarded))).toBe(expected);
  });
});

describe(networkOf, () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1:2:3::', '1:2:3:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2:3::5:6:192.0.2.1', '1:2:3:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
