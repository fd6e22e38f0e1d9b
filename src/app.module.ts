import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { AccountsModule } from './accounts/accounts.module.js';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { DomainsModule } from './domains/domains.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './platform/http/http.module.js';
import { IdempotencyModule } from './idempotency/idempotency.module.js';
import { ImportsModule } from './imports/imports.module.js';
import { LinksModule } from './links/links.module.js';
import { ObservabilityModule } from './platform/observability/observability.module.js';
import { OpenApiModule } from './platform/openapi/openapi.fragments.js';
import { SchedulingModule } from './platform/scheduling/scheduling.module.js';
import { OutboundModule } from './platform/outbound/outbound.module.js';
import { RedirectModule } from './redirect/redirect.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';
import { WorkspacesModule } from './workspaces/workspaces.module.js';

/** The list of modules, nothing else. */
@Module({
  imports: [
    ConfigModule,
    ObservabilityModule,
    DatabaseModule,
    HttpModule,
    SchedulingModule,
    OpenApiModule,
    OutboundModule,
    HealthModule,
    AuditModule,
    AuthModule,
    WorkspacesModule,
    DomainsModule,
    LinksModule,
    AccountsModule,
    ImportsModule,
    WebhooksModule,
    RedirectModule,
    AnalyticsModule,
    IdempotencyModule,
  ],
})
export class AppModule {}
