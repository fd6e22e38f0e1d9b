import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../config/load-config.js';
import { CountryLookup, countryOf } from './country-lookup.js';

describe(CountryLookup.name, () => {
  const bundled = () =>
    loadConfig({ NODE_ENV: 'test', JWT_SECRET: 'x1'.repeat(20) }).clicks.geoipDatabase;

  it.each([
    ['8.8.8.8', 'US'],
    ['2001:4860:4860::8888', 'US'],
    ['193.0.6.139', 'NL'],
    ['129.132.1.1', 'CH'],
    ['133.11.93.0', 'JP'],
    ['200.160.2.3', 'BR'],
  ])('finds %s in %s with the file that comes along', async (address, country) => {
    const countries = await CountryLookup.open(bundled());
    expect(countries.find(address)).toBe(country);
  });

  it.each(['10.0.0.1', '192.168.1.1', '172.16.0.1', '127.0.0.1', '169.254.1.1', '::1', 'fd00::1'])(
    'knows no country of the private address %s',
    async (address) => {
      const countries = await CountryLookup.open(bundled());
      expect(countries.find(address)).toBeUndefined();
    },
  );

  it.each(['', 'unknown', '1.2.3', 'fe80::1%eth0', '1::2::3'])(
    'survives %j, which is no address to look for',
    async (address) => {
      const countries = await CountryLookup.open(bundled());
      expect(countries.find(address)).toBeUndefined();
    },
  );

  it('knows none without a file', async () => {
    const countries = await CountryLookup.open(undefined);
    expect(countries.find('8.8.8.8')).toBeUndefined();
  });

  it('does not look up an IPv6 address in a file of IPv4 addresses', () => {
    const reader = { metadata: { ipVersion: 4 }, get: () => ({ country_code: 'FR' }) };
    const countries = new (CountryLookup as unknown as new (reader: object) => CountryLookup)(
      reader,
    );
    expect(countries.find('193.0.6.139')).toBe('FR');
    expect(countries.find('2001:4860::8888')).toBeUndefined();
  });

  it('refuses a file that is no MMDB', async () => {
    await expect(CountryLookup.open('package.json')).rejects.toThrow();
  });
});

describe(countryOf.name, () => {
  it.each([
    [{ country_code: 'FR' }, 'FR'],
    [{ country: { iso_code: 'FR' }, registered_country: { iso_code: 'US' } }, 'FR'],
    [{ registered_country: { iso_code: 'US' } }, 'US'],
    [{ continent: { code: 'EU' } }, undefined],
  ])('reads %j as %s', (record, country) => {
    expect(countryOf(record as never)).toBe(country);
  });
});
