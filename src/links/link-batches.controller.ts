import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { pathOf } from '../common/problem/problem.answer.js';
import { LimitBody } from '../platform/http/body-limits.decorator.js';
import { ReturnsMinimal } from '../platform/http/return-minimal.js';
import { CountOperations } from '../rate-limits/rate-limits.decorator.js';
import { ApiRole } from '../workspaces/require-role.decorator.js';
import { LinkBatchRequest, MAX_OPERATIONS } from './dto/link-batch.request.js';
import { LinkBatchResponse } from './dto/link-batch.response.js';
import { LinkBatchesService } from './link-batches.service.js';

/** Of an operation: enough for the longest URL, and for all members of a link with some tags. */
const BYTES = 10_000;
const VALUES = 50;

@ApiTags('links')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller('links/batch')
export class LinkBatchesController {
  constructor(private readonly batches: LinkBatchesService) {}

  @Post()
  @HttpCode(200)
  @ApiRole('links:write')
  @LimitBody({ bytes: MAX_OPERATIONS * BYTES, values: MAX_OPERATIONS * VALUES, isLarge: true })
  @CountOperations()
  @ApiOperation({
    operationId: 'batchLinks',
    summary: 'Make, change and delete many links',
    description:
      `Up to ${MAX_OPERATIONS} operations, as if they came one after the other. What is refused of them is told ` +
      'in its result, and the others are done; with `atomic` all is done or nothing (422). A `link` is what the ' +
      'single operation takes; what is wrong in it is a problem of its operation, and an operation that is none ' +
      'makes the whole request invalid. Ten operations count as one request of your rate limit.',
  })
  @ReturnsMinimal((answer) => LinkBatchResponse.withoutLinks(answer))
  @ApiBody({ type: LinkBatchRequest })
  @ApiOkResponse({ type: LinkBatchResponse })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'batch-refused')
  async run(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<LinkBatchResponse> {
    const results = await this.batches.run(user.id, await LinkBatchRequest.toBatch(body));
    return LinkBatchResponse.from(results, pathOf(request.originalUrl), request.id);
  }
}
