import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { WithoutIdempotencyKey } from '../common/without-idempotency-key.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { ApiRole } from '../workspaces/require-role.decorator.js';
import { ExplainRequest } from './dto/explain.request.js';
import { ExplainResponse } from './dto/explain.response.js';
import { ExplainService } from './explain.service.js';

@ApiTags('links')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller('links')
export class ExplainController {
  constructor(private readonly explainer: ExplainService) {}

  @Post(':id/explain')
  @HttpCode(200)
  @WithoutIdempotencyKey()
  @ApiRole('links:read')
  @ApiParam({ name: 'id', format: 'uuid', example: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d' })
  @ApiOperation({
    operationId: 'explainLink',
    summary: 'See where a visitor would be sent, and why',
    description:
      'Decides as a redirect does, and says of each rule whether it is for this visitor. Nothing is recorded or used up.',
  })
  @ApiOkResponse({ type: ExplainResponse })
  @ApiProblems('invalid-request', 'forbidden', 'link-not-found')
  async explain(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() body: ExplainRequest,
  ): Promise<ExplainResponse> {
    return ExplainResponse.from(
      await this.explainer.explain(user.id, id, ExplainRequest.toVisit(body)),
    );
  }
}
