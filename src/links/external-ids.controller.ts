import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { etagOf, mustBeNew, versionsOf } from '../common/etag.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { LimitBody } from '../platform/http/body-limits.decorator.js';
import { ReturnsMinimal } from '../platform/http/return-minimal.js';
import { ApiRole } from '../workspaces/require-role.decorator.js';
import { CreateLinkRequest } from './dto/create-link.request.js';
import { LinkResponse } from './dto/link.response.js';
import { ExternalIdParams, ExternalIdQuery, PutLinkRequest } from './dto/put-link.request.js';
import { LinkBatchesService } from './link-batches.service.js';
import { ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, MAX_VALUES_OF_LINK } from './links.openapi.js';
import { LinksService } from './links.service.js';
import type { Link } from './links.types.js';

@ApiTags('links')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller('links/by-external-id/:externalId')
export class ExternalIdsController {
  constructor(
    private readonly links: LinksService,
    private readonly batches: LinkBatchesService,
  ) {}

  @Get()
  @ApiRole('links:read')
  @ApiOperation({ operationId: 'getLinkByExternalId', summary: 'Read a link by your own id of it' })
  @ApiOkResponse({ type: LinkResponse, headers: ETAG })
  @ApiProblems('invalid-request', 'forbidden', 'link-not-found', 'not-found')
  async get(
    @CurrentUser() user: AuthenticatedUser,
    @Param() { externalId }: ExternalIdParams,
    @Query() { workspaceId }: ExternalIdQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkResponse> {
    return present(await this.links.getByExternalId(user.id, externalId, workspaceId), reply);
  }

  @Put()
  @LimitBody({ values: MAX_VALUES_OF_LINK })
  @ApiRole('links:write')
  @ApiHeader(IF_MATCH)
  @ApiHeader(IF_NONE_MATCH)
  @ApiOperation({
    operationId: 'putLinkByExternalId',
    summary: 'Make the link with your own id, or replace it',
    description:
      'As often as you like: of many at the same time one makes the link, and the others replace it. Fields ' +
      'that are absent get their defaults. Of a link that is replaced the code, the statistics and a takedown ' +
      'stay, and so does a password that is not sent, since nobody can read it; another `code` is refused.',
  })
  @ReturnsMinimal()
  @ApiNoContentResponse({
    description: 'It was replaced; as was preferred, without a body.',
    headers: ETAG,
  })
  @ApiOkResponse({ description: 'It was replaced.', type: LinkResponse, headers: ETAG })
  @ApiCreatedResponse({
    description: 'It was made.',
    type: LinkResponse,
    headers: { ...ETAG, ...LOCATION },
  })
  @ApiProblems(
    'invalid-request',
    'forbidden',
    'link-limit-reached',
    'not-found',
    'code-taken',
    'code-fixed',
    'precondition-failed',
  )
  async put(
    @CurrentUser() user: AuthenticatedUser,
    @Param() { externalId }: ExternalIdParams,
    @Query() { workspaceId }: ExternalIdQuery,
    @Body() body: PutLinkRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkResponse> {
    const { link, isNew } = await this.batches.upsert(user.id, workspaceId, {
      op: 'upsert',
      externalId,
      link: CreateLinkRequest.toNewLink(body),
      versions: versionsOf(ifMatch),
      mustExist: ifMatch !== undefined,
      mustBeNew: mustBeNew(ifNoneMatch),
    });
    if (isNew) void reply.status(201).header('location', this.links.apiPath(link.id));
    return present(link, reply);
  }
}

function present(link: Link, reply: FastifyReply): LinkResponse {
  void reply.header('etag', etagOf(link.version));
  return LinkResponse.from(link);
}
