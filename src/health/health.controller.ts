import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/public.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { HealthResponse, ProbeResponse } from './dto/health.response.js';
import { HealthService } from './health.service.js';

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getHealth',
    summary: 'Tell how the process is',
    description: 'Always 200 while the process can answer; `degraded` when a check is not `up`.',
  })
  @ApiOkResponse({ type: HealthResponse })
  async summary(): Promise<HealthResponse> {
    return HealthResponse.from(await this.health.summary());
  }

  @Get('live')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'getLiveness',
    summary: 'Tell whether the process is alive',
    description: 'Restart the process when this fails. It never looks at the database.',
  })
  @ApiOkResponse({ type: ProbeResponse })
  live(): Promise<ProbeResponse> {
    return this.health.live();
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
  ready(): Promise<ProbeResponse> {
    return this.health.ready();
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
  startup(): Promise<ProbeResponse> {
    return this.health.startup();
  }
}
