import { IsDefined } from 'class-validator';
import {
  BytesAtLeast,
  IntegerFrom,
  NoPlaceholders,
  NotAPlaceholder,
  OneOf,
  SecretsOfAtLeast,
} from './expectations.js';
import { Setting } from './setting.decorator.js';

const EXAMPLE_SECRET = 'change-me-to-a-long-random-secret-string-of-at-least-32-bytes';

export class AuthConfig {
  @Setting('JWT_SECRET', {
    description:
      'Signs access tokens, and encrypts what is read back: salts of visitors, secrets of webhooks, API keys of imports that run. Make one with: openssl rand -base64 48',
    secret: true,
    required: 'in test, staging and production',
    derivedDefault: 'in development made once and kept in DATA_DIR/jwt-secret',
    example: EXAMPLE_SECRET,
  })
  @IsDefined({
    groups: ['test', 'staging', 'production'],
    message: 'must be set outside development, to a random secret of at least 32 bytes',
  })
  @NotAPlaceholder({ groups: ['staging', 'production'], example: EXAMPLE_SECRET })
  @BytesAtLeast(32)
  readonly jwtSecret: string;

  @Setting('JWT_PREVIOUS_SECRETS', {
    description:
      'What JWT_SECRET was before, comma-separated; in the file of JWT_PREVIOUS_SECRETS_FILE one a line will do as well. What was signed or encrypted with them stays valid, new is only what JWT_SECRET makes.',
    secret: true,
    default: [],
    parse: (text) =>
      text
        .split(/[\r\n,]/)
        .map((secret) => secret.trim())
        .filter((secret) => secret !== ''),
  })
  @NoPlaceholders({ groups: ['staging', 'production'], example: EXAMPLE_SECRET })
  @SecretsOfAtLeast(32)
  readonly jwtPreviousSecrets: string[];

  @Setting('ACCESS_TOKEN_TTL_SECONDS', {
    description: 'How long an access token is accepted.',
    unit: 'seconds',
    default: 900,
  })
  @IntegerFrom(1, 86_400)
  readonly accessTokenTtlSeconds: number;

  @Setting('REFRESH_TOKEN_TTL_SECONDS', {
    description: 'How long a session lives without being used.',
    unit: 'seconds',
    default: 2_592_000,
  })
  @IntegerFrom(1, 31_536_000)
  readonly refreshTokenTtlSeconds: number;

  @Setting('REFRESH_TOKEN_MAX_AGE_SECONDS', {
    description: 'How long a session lives at most, however often it is used.',
    unit: 'seconds',
    default: 7_776_000,
  })
  @IntegerFrom(1, 315_360_000)
  readonly refreshTokenMaxAgeSeconds: number;

  @Setting('REFRESH_GRACE_SECONDS', {
    description:
      'How long a refresh token may be used again: parallel refreshes and lost answers are no theft.',
    unit: 'seconds',
    default: 10,
  })
  @IntegerFrom(0, 300)
  readonly refreshGraceSeconds: number;

  @Setting('BCRYPT_COST', {
    description: 'Work to hash a password: one more doubles it.',
    default: { development: 12, test: 4, staging: 12, production: 12 },
  })
  @IntegerFrom(4, 15, { groups: ['development', 'test'] })
  @IntegerFrom(10, 15, { groups: ['staging', 'production'] })
  readonly bcryptCost: number;

  @Setting('REGISTRATION', {
    description:
      'Whether everybody who reaches the service may make an account; if not, `npm run user:create` makes them.',
    default: { development: 'open', test: 'open', staging: 'closed', production: 'closed' },
  })
  @OneOf('open', 'closed')
  readonly registration: 'open' | 'closed';

  @Setting('SETUP_TOKEN', {
    description:
      'Has to be sent by whoever registers the first account, the administrator; asked for in staging and production only. Processes with a DATA_DIR each need it set.',
    secret: true,
    derivedDefault: 'made up while there is no account, kept in DATA_DIR/setup-token and logged',
  })
  @BytesAtLeast(16)
  readonly setupToken?: string;
}
