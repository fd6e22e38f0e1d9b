import { type CountryResponse, open, type Reader } from 'maxmind';

/** Countries (ISO 3166-1 alpha-2) of addresses, from an MMDB file; knows none without a file. */
export class CountryLookup {
  private constructor(private readonly reader?: Reader<CountryResponse>) {}

  /** Throws if the file cannot be read or is no MMDB. */
  static async open(path: string | undefined): Promise<CountryLookup> {
    if (path === undefined) return new CountryLookup();
    return new CountryLookup(await open<CountryResponse>(path, { watchForUpdates: true }));
  }

  find(address: string): string | undefined {
    const { country, registered_country: registered } = this.reader?.get(address) ?? {};
    return country?.iso_code ?? registered?.iso_code;
  }
}
