import { loadConfig } from '../config/load-config.js';

/** What the service uses if nothing else is set. */
export const DEFAULTS = loadConfig({ NODE_ENV: 'test', JWT_SECRET: '0123456789'.repeat(4) });
