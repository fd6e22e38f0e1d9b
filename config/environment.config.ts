import { OneOf } from './expectations.js';
import { ENVIRONMENTS, Setting, type EnvironmentName } from './setting.decorator.js';

export class EnvironmentConfig {
  @Setting('NODE_ENV', {
    description: 'Decides the defaults of the other settings, and how strict their rules are.',
    default: 'development',
  })
  @OneOf(...ENVIRONMENTS)
  readonly name: EnvironmentName;
}
