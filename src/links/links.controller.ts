import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
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
import { CurrentUser } from '../auth/current-user.decorator.js';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { etagOf, versionsOf } from '../common/etag.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { LimitBody } from '../platform/http/body-limits.decorator.js';
import { ReturnsMinimal } from '../platform/http/return-minimal.js';
import { ApiRole } from '../workspaces/require-role.decorator.js';
import { CreateLinkRequest } from './dto/create-link.request.js';
import { LinkPageResponse, LinkResponse } from './dto/link.response.js';
import { ListLinksQuery } from './dto/list-links.query.js';
import { UpdateLinkRequest } from './dto/update-link.request.js';
import { ApiLinkId, ETAG, IF_MATCH, LOCATION, MAX_VALUES_OF_LINK } from './links.openapi.js';
import { LinksService } from './links.service.js';
import type { Link } from './links.types.js';

@ApiTags('links')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller('links')
export class LinksController {
  constructor(private readonly links: LinksService) {}

  @Post()
  @LimitBody({ values: MAX_VALUES_OF_LINK })
  @ApiRole('links:write')
  @ApiOperation({ operationId: 'createLink', summary: 'Shorten a URL' })
  @ReturnsMinimal()
  @ApiCreatedResponse({ type: LinkResponse, headers: { ...ETAG, ...LOCATION } })
  @ApiProblems(
    'invalid-request',
    'forbidden',
    'link-limit-reached',
    'not-found',
    'code-taken',
    'external-id-taken',
  )
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: CreateLinkRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkResponse> {
    const link = await this.links.create(user.id, CreateLinkRequest.toNewLink(body));
    void reply.header('location', this.links.apiPath(link.id));
    return present(link, reply);
  }

  @Get()
  @ApiRole('links:read')
  @ApiOperation({
    operationId: 'listLinks',
    summary: 'List and search links, the newest first',
    description:
      'Follow `nextCursor` until it is null: no link is missed or seen twice. A page that is searched for may hold fewer links than `limit`, even none, and still have a next one.',
  })
  @ApiOkResponse({ type: LinkPageResponse })
  @ApiProblems('invalid-request', 'not-found')
  async list(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: ListLinksQuery,
  ): Promise<LinkPageResponse> {
    const { items, nextCursor } = await this.links.list(user.id, ListLinksQuery.toQuery(query));
    return { items: items.map((link) => LinkResponse.from(link)), nextCursor };
  }

  @Get(':id')
  @ApiRole('links:read')
  @ApiLinkId()
  @ApiOperation({ operationId: 'getLink', summary: 'Read a link' })
  @ApiOkResponse({ type: LinkResponse, headers: ETAG })
  @ApiProblems('link-not-found', 'method-not-allowed')
  async get(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkResponse> {
    return present(await this.links.get(user.id, id), reply);
  }

  @Patch(':id')
  @LimitBody({ values: MAX_VALUES_OF_LINK })
  @ApiRole('links:write')
  @ApiLinkId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    operationId: 'updateLink',
    summary: 'Change a link',
    description:
      'Fields that are absent stay as they are. The code and the domain never change. With another `workspaceId` the ' +
      'link moves there, with its statistics; the statistics of a workspace as a whole keep the clicks ' +
      'that were counted while the link was there.',
  })
  @ReturnsMinimal()
  @ApiNoContentResponse({
    description: 'Changed; as was preferred, without a body.',
    headers: ETAG,
  })
  @ApiOkResponse({ type: LinkResponse, headers: ETAG })
  @ApiProblems(
    'invalid-request',
    'forbidden',
    'link-limit-reached',
    'not-found',
    'link-not-found',
    'method-not-allowed',
    'external-id-taken',
    'domain-elsewhere',
    'precondition-failed',
  )
  async update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() body: UpdateLinkRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkResponse> {
    const changes = UpdateLinkRequest.toChanges(body);
    return present(await this.links.update(user.id, id, changes, versionsOf(ifMatch)), reply);
  }

  @Delete(':id')
  @ApiRole('links:write')
  @HttpCode(204)
  @ApiLinkId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    operationId: 'deleteLink',
    summary: 'Delete a link',
    description:
      'The short URL answers 410 from then on; its code is never given out again. It can be restored.',
  })
  @ApiNoContentResponse({ description: 'The link is deleted.' })
  @ApiProblems(
    'invalid-request',
    'forbidden',
    'link-not-found',
    'method-not-allowed',
    'precondition-failed',
  )
  async delete(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.links.delete(user.id, id, versionsOf(ifMatch));
  }
}

function present(link: Link, reply: FastifyReply): LinkResponse {
  void reply.header('etag', etagOf(link.version));
  return LinkResponse.from(link);
}
