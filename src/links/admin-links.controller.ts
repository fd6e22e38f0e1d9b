import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { AdminOnly } from '../auth/admin-only.decorator.js';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { TakedownQuery } from './dto/takedown.query.js';
import { TakedownRequest } from './dto/takedown.request.js';
import { TakedownResponse } from './dto/takedown.response.js';
import { TakedownsService } from './takedowns.service.js';

const ApiCode = (): MethodDecorator =>
  ApiParam({ name: 'code', description: 'The short code.', example: 'summer-sale' });

@ApiTags('administration')
@ApiBearerAuth('bearer')
@AdminOnly()
@Controller('admin/links')
export class AdminLinksController {
  constructor(private readonly takedowns: TakedownsService) {}

  @Get(':code')
  @ApiCode()
  @ApiOperation({
    operationId: 'getTakedown',
    summary: 'See whose link this is, and whether it is disabled',
    description: 'Links of all workspaces, deleted ones included. They cannot be listed.',
  })
  @ApiOkResponse({ type: TakedownResponse })
  @ApiProblems('invalid-request', 'link-not-found')
  async get(
    @Param('code') code: string,
    @Query() { domain }: TakedownQuery,
  ): Promise<TakedownResponse> {
    return TakedownResponse.from(await this.takedowns.get(code, domain));
  }

  @Patch(':code')
  @ApiCode()
  @ApiOperation({
    operationId: 'updateTakedown',
    summary: 'Disable a link, or enable it again',
    description:
      'A disabled link answers 410 (`link-disabled`) within a second, in every process. Its ' +
      'workspace sees when and why, and cannot undo it.',
  })
  @ApiOkResponse({ type: TakedownResponse })
  @ApiProblems('invalid-request', 'link-not-found')
  async update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('code') code: string,
    @Query() { domain }: TakedownQuery,
    @Body() { disabled, reason }: TakedownRequest,
  ): Promise<TakedownResponse> {
    return TakedownResponse.from(
      disabled
        ? await this.takedowns.disable(code, domain, reason!, user.id)
        : await this.takedowns.enable(code, domain, user.id),
    );
  }
}
