import { Controller, Get, Header, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Public } from '../auth/public.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { OperatorAccess } from '../platform/observability/operator-access.js';
import { HealthResponse, ProbeResponse } from './dto/health.response.js';
import { HealthService } from './health.service.js';

/** Probes need no credentials; who proves to be an operator is told more. */
@ApiTags('health')
@ApiSecurity({})
@ApiSecurity('operator')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly access: OperatorAccess,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getHealth',
    summary: 'Tell how the process is',
    description: 'Always 200 while the process can answer; `degraded` when a check is not `up`.',
  })
  @ApiOkResponse({ type: HealthResponse })
  async summary(@Req() request: FastifyRequest): Promise<HealthResponse> {
    return HealthResponse.from(await this.health.summary(this.isOperator(request)));
  }

  @Get('live')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getLiveness',
    summary: 'Tell whether the process is alive',
    description: 'Restart the process when this fails. It never looks at the database.',
  })
  @ApiOkResponse({ type: ProbeResponse })
  live(@Req() request: FastifyRequest): Promise<ProbeResponse> {
    return this.health.live(this.isOperator(request));
  }

  @Get('ready')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Tell whether the process takes traffic',
    description:
      'Take the process out of the load balancer while this fails: before the schema is complete, ' +
      'and from the moment it is told to stop. A database outage does not make it fail, because ' +
      'cached links redirect without the database.',
  })
  @ApiOkResponse({ type: ProbeResponse })
  @ApiProblems('not-ready')
  ready(@Req() request: FastifyRequest): Promise<ProbeResponse> {
    return this.health.ready(this.isOperator(request));
  }

  @Get('startup')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getStartup',
    summary: 'Tell whether the process has started',
    description: 'Give the process time while this fails: it opens or migrates the database.',
  })
  @ApiOkResponse({ type: ProbeResponse })
  @ApiProblems('not-ready')
  startup(@Req() request: FastifyRequest): Promise<ProbeResponse> {
    return this.health.startup(this.isOperator(request));
  }

  private isOperator({ headers }: FastifyRequest): boolean {
    return this.access.admits(headers.authorization);
  }
}
