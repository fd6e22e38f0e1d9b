import { type CountryResponse, open, type Reader } from 'maxmind';

/** MaxMind's files nest the code; those of ip-location-db have it at the top. */
type CountryRecord = CountryResponse & { country_code?: string };

/** A new file is taken over as it comes; waiting for it keeps no thread alive. */
const WATCHED = { watchForUpdates: true, watchForUpdatesNonPersistent: true };

/** Countries (ISO 3166-1 alpha-2) of addresses, from an MMDB file; knows none without a file. */
export class CountryLookup {
  private constructor(private readonly reader?: Reader<CountryRecord>) {}

  /** Throws if the file cannot be read or is no MMDB. */
  static async open(path: string | undefined): Promise<CountryLookup> {
    if (path === undefined) return new CountryLookup();
    return new CountryLookup(await open<CountryRecord>(path, WATCHED));
  }

  /** Undefined for private addresses, and for all that the file does not know. */
  find(address: string): string | undefined {
    // It would take the first half of an IPv6 address for one of IPv4.
    const isUnfit = this.reader?.metadata.ipVersion === 4 && address.includes(':');
    return isUnfit ? undefined : countryOf(this.reader?.get(address) ?? {});
  }
}

/** The country of the visitor, else of the network's owner. */
export const countryOf = (record: CountryRecord): string | undefined =>
  record.country_code ?? record.country?.iso_code ?? record.registered_country?.iso_code;
