import type { ServerConfig } from '../../config/server.config.js';
import type { DomainsRepository } from '../../src/domains/domains.repository.js';
import { HostsService } from '../../src/domains/hosts.service.js';
import type { DatabaseStatus } from '../../src/platform/database/database-status.js';

/** The hosts of a service that has none but the default one. */
export const onlyDefaultHost = (publicUrl = 'https://go.example.com'): HostsService =>
  new HostsService(
    { publicUrl } as ServerConfig,
    { findVerified: async () => [] } as unknown as DomainsRepository,
    { whenReady: async () => undefined } as unknown as DatabaseStatus,
  );
