import { IntegerFrom } from './expectations.js';
import { Setting } from './setting.decorator.js';

const MOST = 1_000_000;

/** A limit that people do not meet. Tests do as many things in a minute as a company in a week. */
const limit = (usual: number) => ({
  development: usual,
  test: 100_000,
  staging: usual,
  production: usual,
});

/** How often somebody may ask in all processes together; an address is one of IPv4, or an IPv6 network (/64). */
export class RateLimitsConfig {
  @Setting('RATE_LIMIT_API_PER_MINUTE', {
    description: 'Requests of the API by one user, or by one address without a user. 0: no limit.',
    unit: 'requests a minute',
    default: limit(600),
  })
  @IntegerFrom(0, MOST)
  readonly apiPerMinute: number;

  @Setting('RATE_LIMIT_FAILED_LOGINS_PER_MINUTE', {
    description:
      'Failed logins to one account from one address; ten times as many from one address to all accounts, and to one account from all addresses that it was not used from in the last two weeks. 0: no limit.',
    unit: 'logins a minute',
    default: limit(10),
  })
  @IntegerFrom(0, MOST / 10)
  readonly failedLoginsPerMinute: number;

  @Setting('RATE_LIMIT_REGISTRATIONS_PER_HOUR', {
    description: 'Registrations from one address. 0: no limit.',
    unit: 'registrations an hour',
    default: limit(100),
  })
  @IntegerFrom(0, MOST)
  readonly registrationsPerHour: number;

  @Setting('RATE_LIMIT_WRONG_LINK_PASSWORDS_PER_MINUTE', {
    description:
      'Wrong passwords of one link from one address; ten times as many from one address of all links, and of one link from all addresses that did not know it in the last two weeks. 0: no limit.',
    unit: 'passwords a minute',
    default: limit(10),
  })
  @IntegerFrom(0, MOST / 10)
  readonly wrongLinkPasswordsPerMinute: number;

  @Setting('RATE_LIMIT_UNKNOWN_CODES_PER_MINUTE', {
    description:
      'Short codes that no link has, asked for by one address; links redirect all the same. 0: no limit.',
    unit: 'requests a minute',
    default: limit(100),
  })
  @IntegerFrom(0, MOST)
  readonly unknownCodesPerMinute: number;
}
