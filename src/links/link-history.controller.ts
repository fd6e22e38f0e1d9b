import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { etagOf, versionsOf } from '../common/etag.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import { ReturnsMinimal } from '../platform/http/return-minimal.js';
import { ApiRole } from '../workspaces/require-role.decorator.js';
import { LinkHistoryResponse } from './dto/link-history.response.js';
import { LinkResponse } from './dto/link.response.js';
import { RestoreLinkRequest } from './dto/restore-link.request.js';
import { LinkHistoryService } from './link-history.service.js';
import { ApiLinkId, ETAG, IF_MATCH } from './links.openapi.js';

@ApiTags('links')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller('links/:id')
export class LinkHistoryController {
  constructor(private readonly histories: LinkHistoryService) {}

  @Get('history')
  @ApiRole('links:read')
  @ApiLinkId()
  @ApiOperation({
    operationId: 'listLinkVersions',
    summary: 'List the versions of a link, the newest first',
    description:
      'What was changed, when, and by whom, as far as it is on record: for AUDIT_RETENTION_DAYS. A deleted ' +
      'link has a history for those who may restore it. When all links of a workspace move to another one, ' +
      'that is in the audit trail of both, and not here.',
  })
  @ApiOkResponse({ type: LinkHistoryResponse })
  @ApiProblems('invalid-request', 'link-not-found')
  async list(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<LinkHistoryResponse> {
    return LinkHistoryResponse.from(await this.histories.list(user.id, id, query));
  }

  @Post('restore')
  @HttpCode(200)
  @ApiRole('links:write')
  @ApiLinkId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    operationId: 'restoreLink',
    summary: 'Give a link back what it had in an older version, or undelete it',
    description:
      'All that PATCH can change but the workspace, as a new version; the link is not deleted any more. A ' +
      'target that would be refused now is refused. A takedown stays, and so do clicks.',
  })
  @ReturnsMinimal()
  @ApiNoContentResponse({ description: 'Done; as was preferred, without a body.', headers: ETAG })
  @ApiOkResponse({ type: LinkResponse, headers: ETAG })
  @ApiProblems(
    'invalid-request',
    'forbidden',
    'link-not-found',
    'link-version-unknown',
    'external-id-taken',
    'domain-elsewhere',
    'precondition-failed',
  )
  async restore(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() { version }: RestoreLinkRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LinkResponse> {
    const link = await this.histories.restore(user.id, id, version, versionsOf(ifMatch));
    void reply.header('etag', etagOf(link.version));
    return LinkResponse.from(link);
  }
}
