import { Inject, Injectable, Logger } from '@nestjs/common';
import { ClicksConfig } from '../../config/clicks.config.js';
import { CountryLookup } from '../platform/countries/country-lookup.js';

/** The countries of visitors, for rules: the file is read when the first link asks for them. */
@Injectable()
export class VisitorCountries {
  private readonly logger = new Logger(VisitorCountries.name);
  private lookup: CountryLookup | undefined;
  private loading: Promise<void> | undefined;

  constructor(@Inject(ClicksConfig) private readonly config: Pick<ClicksConfig, 'geoipDatabase'>) {}

  /** Never rejects: without the file no country is known, and the log says why. */
  load(): Promise<void> {
    return (this.loading ??= CountryLookup.open(this.config.geoipDatabase).then(
      (lookup) => {
        this.lookup = lookup;
      },
      ({ message }: Error) => {
        this.logger.error(`Rules know no countries, for GEOIP_DATABASE cannot be read: ${message}`);
      },
    ));
  }

  find(address: string): string | undefined {
    return this.lookup?.find(address);
  }
}
