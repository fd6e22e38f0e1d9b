import { SocketAddress } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { ClientAddress, networkOf, subnetOf } from './client-address.js';

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
    ['10.0.0.1', '203.0.113.9 , 10.1.1.1,10.2.2.2', '203.0.113.9'],
    ['::ffff:203.0.113.9', '1.2.3.4', '203.0.113.9'],
    ['fe80::1%eth0', undefined, 'fe80::1'],
  ])('of %s forwarding %s is %s', (peer, forwarded, expected) => {
    expect(address.of(from(peer, forwarded))).toBe(expected);
  });

  it.each([
    ['8.8.8.8, ', '8.8.8.8'],
    ['8.8.8.8,,10.0.0.1', '8.8.8.8'],
    [' ,\t, 8.8.8.8 ,, 10.0.0.1 , ', '8.8.8.8'],
    [',8.8.8.8', '8.8.8.8'],
    [',', '10.0.0.1'],
    ['6.6.6.6, unknown', '10.0.0.1'],
    ['6.6.6.6, _hidden, 10.0.0.2', '10.0.0.2'],
    ['6.6.6.6, 08.8.8.8', '10.0.0.1'],
    ['6.6.6.6, 2001:db8::1::2', '10.0.0.1'],
    ['6.6.6.6, [8.8.8.8]junk', '10.0.0.1'],
    ['8.8.8.8:1234', '8.8.8.8'],
    ['"8.8.8.8:1234"', '8.8.8.8'],
    ['::ffff:8.8.8.8', '8.8.8.8'],
    ['::FFFF:8.8.8.8', '8.8.8.8'],
    ['::ffff:808:808', '8.8.8.8'],
    ['[::ffff:808:808]:443', '8.8.8.8'],
    ['0:0:0:0:0:FFFF:0808:0808', '8.8.8.8'],
    ['8.8.8.8, ::ffff:10.0.0.1', '8.8.8.8'],
    ['8.8.8.8, ::ffff:a00:1', '8.8.8.8'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:0.0.0.1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['"[2001:DB8::1]:443"', '2001:db8::1'],
    ['"2001:db8::1"', '2001:db8::1'],
    ['"8.8.8.8"', '8.8.8.8'],
    ['2001:db8::1, 0:0:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:443', 'fe80::1'],
  ])('reads %j as %s', (forwarded, expected) => {
    expect(address.of(from('10.0.0.1', forwarded))).toBe(expected);
  });

  it('is written as the kernel writes it', () => {
    const written = (text: string) => address.of(from('10.0.0.1', text));
    for (const text of ['2001:db8::1:0:0:1', '2001:db8:0:1:1:1:1:1', '1:0:0:2:0:0:0:3', '::2']) {
      const { address: kernels } = new SocketAddress({ address: text, family: 'ipv6' });
      expect(written(text)).toBe(kernels);
    }
  });

  it('trusts proxies that are configured as IPv4 within IPv6', () => {
    const mapped = new ClientAddress(['::ffff:10.0.0.0/104', '::ffff:192.0.2.7']);
    expect(mapped.of(from('10.0.0.1', '8.8.8.8, 192.0.2.7'))).toBe('8.8.8.8');
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

describe(subnetOf, () => {
  it.each([
    ['203.0.113.9', '203.0.113.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['::1', '0:0:0::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['', undefined],
    ['unknown', undefined],
  ])('of %s is %s', (address, subnet) => {
    expect(subnetOf(address)).toBe(subnet);
  });
});
