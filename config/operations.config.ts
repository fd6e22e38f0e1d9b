import { BearerToken, IntegerFrom, NotAPlaceholder, OneOf } from './expectations.js';
import { Setting } from './setting.decorator.js';

const EXAMPLE_TOKEN = 'change-me-to-a-long-random-token';

/** What the people who run the service see of it, and strangers do not. */
export class OperationsConfig {
  @Setting('METRICS_TOKEN', {
    description:
      'Proves to be an operator, as "Authorization: Bearer …": it opens /metrics and the details of /health, which in staging and production nobody sees without it. Make one with: openssl rand -hex 24',
    secret: true,
    example: EXAMPLE_TOKEN,
  })
  @BearerToken(16)
  @NotAPlaceholder({ groups: ['staging', 'production'], example: EXAMPLE_TOKEN })
  readonly metricsToken?: string;

  @Setting('METRICS_PORT', {
    description:
      'Another port of HOST that answers /metrics, for a network that strangers do not reach; PORT then does not.',
    example: '9464',
  })
  @IntegerFrom(0, 65_535, { groups: ['test'] })
  @IntegerFrom(1, 65_535, { groups: ['development', 'staging', 'production'] })
  readonly metricsPort?: number;

  @Setting('DOCS', {
    description:
      'Whether /docs shows the API; /openapi.json, which programs read, is there anyway.',
    default: { development: 'on', test: 'on', staging: 'on', production: 'off' },
  })
  @OneOf('on', 'off')
  readonly docs: 'on' | 'off';
}
