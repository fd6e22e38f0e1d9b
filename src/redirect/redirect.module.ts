import { Module } from '@nestjs/common';
import { RecordingModule } from '../analytics/recording/recording.module.js';
import { Clock } from '../common/clock.js';
import { ConnectionLimits } from '../http/connection-limits.js';
import { LinksModule } from '../links/links.module.js';
import { RateLimitsModule } from '../rate-limits/rate-limits.module.js';
import { ClickCaptor } from './click-captor.js';
import { RedirectPriorityService } from './redirect-priority.service.js';
import { RedirectMetrics } from './redirect.metrics.js';
import { RedirectRoute } from './redirect.route.js';
import { RedirectShortcut } from './redirect.shortcut.js';
import { SiteRoute } from './site.route.js';

/** What the service is there for: GET /{code}, and what else a visitor may ask of its host. */
@Module({
  imports: [LinksModule, RecordingModule, RateLimitsModule],
  providers: [
    RedirectRoute,
    RedirectShortcut,
    SiteRoute,
    RedirectPriorityService,
    ClickCaptor,
    RedirectMetrics,
    ConnectionLimits,
    Clock,
  ],
})
export class RedirectModule {}
