import { Module } from '@nestjs/common';
import { DomainsModule } from '../domains/domains.module.js';
import { RecordingModule } from '../analytics/recording/recording.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { Clock } from '../common/clock.js';
import { LinksModule } from '../links/links.module.js';
import { RateLimitsModule } from '../rate-limits/rate-limits.module.js';
import { ClickBudgetService } from './click-budget.service.js';
import { ClickFactory } from './click.factory.js';
import { ExplainController } from './explain.controller.js';
import { ExplainService } from './explain.service.js';
import { RedirectFastPath } from './fast-path/fast-path.js';
import { LinkChangesListener } from './link-changes.listener.js';
import { LinkResolverService } from './link-resolver.service.js';
import { LookupBatcher } from './lookup-batcher.js';
import { PasswordRoute } from './password.route.js';
import { PreviewsService } from './previews.service.js';
import { RedirectMetrics } from './redirect.metrics.js';
import { RedirectRoute } from './redirect.route.js';
import { RedirectService } from './redirect.service.js';
import { RedirectTargetsRepository } from './redirect-targets.repository.js';
import { SiteRoute } from './site.route.js';
import { UnlockCookies } from './unlock-cookies.js';
import { VisitorCountries } from './visitor-countries.js';
import { VisitorFactory } from './visitor.factory.js';

/** What the service is there for: GET /{code}, and what else a visitor may ask of its host. */
@Module({
  imports: [RecordingModule, AuthModule, RateLimitsModule, LinksModule, DomainsModule],
  controllers: [ExplainController],
  providers: [
    RedirectRoute,
    PasswordRoute,
    RedirectFastPath,
    RedirectService,
    LinkResolverService,
    LookupBatcher,
    LinkChangesListener,
    RedirectTargetsRepository,
    ClickBudgetService,
    ExplainService,
    SiteRoute,
    PreviewsService,
    ClickFactory,
    VisitorFactory,
    VisitorCountries,
    UnlockCookies,
    RedirectMetrics,
    Clock,
  ],
})
export class RedirectModule {}
