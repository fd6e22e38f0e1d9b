import { Module } from '@nestjs/common';
import { DomainsModule } from '../domains/domains.module.js';
import { RecordingModule } from '../analytics/recording/recording.module.js';
import { Clock } from '../common/clock.js';
import { RateLimitsModule } from '../rate-limits/rate-limits.module.js';
import { ClickBudgetService } from './click-budget.service.js';
import { ClickFactory } from './click.factory.js';
import { RedirectFastPath } from './fast-path/fast-path.js';
import { LinkChangesListener } from './link-changes.listener.js';
import { LinkResolverService } from './link-resolver.service.js';
import { LookupBatcher } from './lookup-batcher.js';
import { PreviewsService } from './previews.service.js';
import { RedirectMetrics } from './redirect.metrics.js';
import { RedirectRoute } from './redirect.route.js';
import { RedirectService } from './redirect.service.js';
import { RedirectTargetsRepository } from './redirect-targets.repository.js';
import { SiteRoute } from './site.route.js';

/** What the service is there for: GET /{code}, and what else a visitor may ask of its host. */
@Module({
  imports: [RecordingModule, RateLimitsModule, DomainsModule],
  providers: [
    RedirectRoute,
    RedirectFastPath,
    RedirectService,
    LinkResolverService,
    LookupBatcher,
    LinkChangesListener,
    RedirectTargetsRepository,
    ClickBudgetService,
    SiteRoute,
    PreviewsService,
    ClickFactory,
    RedirectMetrics,
    Clock,
  ],
})
export class RedirectModule {}
