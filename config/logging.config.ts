import { OneOf } from './expectations.js';
import { Setting } from './setting.decorator.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

export class LoggingConfig {
  @Setting('LOG_LEVEL', { description: 'The least severe lines to write.', default: 'info' })
  @OneOf(...LEVELS)
  readonly level: (typeof LEVELS)[number];

  @Setting('LOG_FORMAT', {
    description: 'auto is pretty on a terminal and json elsewhere.',
    default: 'auto',
  })
  @OneOf('auto', 'json', 'pretty')
  readonly format: 'auto' | 'json' | 'pretty';
}
