import { ConfigError } from '../config/config.error.js';
import { processConfig } from '../config/load-config.js';
import { createApp } from './app.setup.js';
import { AppLogger } from './observability/app.logger.js';

try {
  const config = processConfig();
  const logger = new AppLogger(config.logging);
  const app = await createApp(config, logger);
  await app.listen(config.server.port, config.server.host);
  logger.log(`Signpost listens on ${await app.getUrl()}`);
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
