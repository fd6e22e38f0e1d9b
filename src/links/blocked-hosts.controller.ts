import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AdminOnly } from '../auth/admin-only.decorator.js';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import { BlockedHostsService } from './blocked-hosts.service.js';
import { BlockedHostRequest } from './dto/blocked-host.request.js';
import { BlockedHostPageResponse, BlockedHostResponse } from './dto/blocked-host.response.js';
import { MAX_HOST_LENGTH } from '../common/normal-host.js';

const ApiHost = (): MethodDecorator =>
  ApiParam({
    name: 'host',
    description: 'A host name or IP address in any spelling, without a port.',
    schema: { type: 'string', minLength: 1, maxLength: MAX_HOST_LENGTH },
    example: 'evil.example',
  });

@ApiTags('administration')
@ApiBearerAuth('bearer')
@AdminOnly()
@Controller('admin/blocked-hosts')
export class BlockedHostsController {
  constructor(private readonly blockedHosts: BlockedHostsService) {}

  @Get()
  @ApiOperation({
    operationId: 'listBlockedHosts',
    summary: 'List the hosts that links must not lead to, the newest first',
  })
  @ApiOkResponse({ type: BlockedHostPageResponse })
  @ApiProblems('invalid-request')
  async list(@Query() query: PageQuery): Promise<BlockedHostPageResponse> {
    return BlockedHostPageResponse.from(await this.blockedHosts.list(query));
  }

  @Get(':host')
  @ApiHost()
  @ApiOperation({ operationId: 'getBlockedHost', summary: 'See why a host is blocked' })
  @ApiOkResponse({ type: BlockedHostResponse })
  @ApiProblems('invalid-request', 'not-found')
  async get(@Param('host') host: string): Promise<BlockedHostResponse> {
    return BlockedHostResponse.from(await this.blockedHosts.get(host));
  }

  @Put(':host')
  @ApiHost()
  @ApiOperation({
    operationId: 'blockHost',
    summary: 'Block a host and all hosts below it',
    description:
      'Links that lead there answer 410 (`link-blocked`) within a second, in every process, and no ' +
      'link can be made or changed to lead there.',
  })
  @ApiOkResponse({ type: BlockedHostResponse, description: 'It was blocked before.' })
  @ApiCreatedResponse({ type: BlockedHostResponse, description: 'It is blocked now.' })
  @ApiProblems('invalid-request')
  async put(
    @CurrentUser() user: AuthenticatedUser,
    @Param('host') host: string,
    @Body() { reason }: BlockedHostRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BlockedHostResponse> {
    const [blocked, isNew] = await this.blockedHosts.put(host, reason, user.id);
    void reply.status(isNew ? 201 : 200);
    return BlockedHostResponse.from(blocked);
  }

  @Delete(':host')
  @HttpCode(204)
  @ApiHost()
  @ApiOperation({
    operationId: 'unblockHost',
    summary: 'Unblock a host; links that lead there redirect again',
  })
  @ApiNoContentResponse({ description: 'The host is no longer blocked.' })
  @ApiProblems('invalid-request', 'not-found')
  async delete(@CurrentUser() user: AuthenticatedUser, @Param('host') host: string): Promise<void> {
    await this.blockedHosts.delete(host, user.id);
  }
}
