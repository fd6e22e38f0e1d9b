import { AuditConfig } from './audit.config.js';
import { AuthConfig } from './auth.config.js';
import { ClicksConfig } from './clicks.config.js';
import { DatabaseConfig } from './database.config.js';
import { EnvironmentConfig } from './environment.config.js';
import { LinksConfig } from './links.config.js';
import { LoggingConfig } from './logging.config.js';
import { OperationsConfig } from './operations.config.js';
import { OutboundConfig } from './outbound.config.js';
import { RateLimitsConfig } from './rate-limits.config.js';
import { ServerConfig } from './server.config.js';
import { VisitorsConfig } from './visitors.config.js';

/** The config classes by concern: all that is configurable. */
export const CONFIG_CLASSES = {
  environment: EnvironmentConfig,
  server: ServerConfig,
  database: DatabaseConfig,
  auth: AuthConfig,
  rateLimits: RateLimitsConfig,
  links: LinksConfig,
  visitors: VisitorsConfig,
  clicks: ClicksConfig,
  audit: AuditConfig,
  outbound: OutboundConfig,
  operations: OperationsConfig,
  logging: LoggingConfig,
};

export type Concern = keyof typeof CONFIG_CLASSES;

export type AppConfig = {
  readonly [C in Concern]: InstanceType<(typeof CONFIG_CLASSES)[C]>;
};
