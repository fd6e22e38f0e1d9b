import { ModuleRef, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AppConfig } from '../config/app-config.js';
import { processConfig } from '../config/load-config.js';
import { AppModule } from './app.module.js';
import { ProblemFilter } from './common/problem/problem.filter.js';
import { RequestValidationPipe } from './common/problem/validation.pipe.js';
import { databaseUnavailable } from './platform/database/database.service.js';
import { isDatabaseUnavailable } from './platform/database/database-unavailable.js';
import { admitBy, openRequestScopes } from './platform/http/api-hook.js';
import { createHttpAdapter } from './platform/http/http-server.js';
import { provideValidationRules } from './platform/http/validation-rules.js';
import { AppLogger } from './platform/observability/app.logger.js';
import { serveMetrics } from './platform/observability/metrics.route.js';
import { MetricsService } from './platform/observability/metrics.service.js';
import { OperatorAccess } from './platform/observability/operator-access.js';
import { logRequest } from './platform/observability/request-log.hook.js';
import { countRequests } from './platform/observability/request-metrics.hook.js';
import { serveDocs } from './platform/openapi/docs.js';
import { AdmissionQueue } from './platform/scheduling/admission-queue.js';
import { ApiLimitService } from './rate-limits/api-limit.service.js';

/** Probes, and whatever else is not the API, live at the root. */
const OUTSIDE_THE_API = ['health', 'health/{*rest}'];

/** The application as it runs, shared by main and by the tests; not yet listening. */
export async function createApp(
  config: AppConfig = processConfig(),
  logger = new AppLogger(config.logging),
): Promise<NestFastifyApplication> {
  const adapter = createHttpAdapter(config.server, (request, reply) =>
    logRequest(request, reply, logger),
  );
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, {
    logger,
    abortOnError: false,
    // The server reads JSON itself, and nothing else.
    bodyParser: false,
  });
  provideValidationRules(app.get(ModuleRef));
  app.setGlobalPrefix('api/v1', { exclude: OUTSIDE_THE_API });
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalFilters(
    new ProblemFilter([
      (error) => (isDatabaseUnavailable(error) ? databaseUnavailable(error) : undefined),
    ]),
  );

  const server = adapter.getInstance();
  // First of all: a request that waits has taken nothing yet.
  const queue = app.get(AdmissionQueue);
  admitBy(server, (begin, isGone) => queue.admit(begin, isGone));
  openRequestScopes(server);
  countRequests(server, app.get(MetricsService));
  app.get(ApiLimitService).limit(server);
  serveMetrics(server, app.get(MetricsService), app.get(OperatorAccess), config.operations);
  serveDocs(app, config.server.publicUrl, config.operations);
  return app;
}
