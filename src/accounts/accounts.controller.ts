import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, Header, HttpCode, StreamableFile } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { LimitBody } from '../platform/http/body-limits.decorator.js';
import { type Client, CurrentClient } from '../platform/http/client.js';
import { LimitPasswords } from '../rate-limits/rate-limits.decorator.js';
import { AccountsService } from './accounts.service.js';
import { AccountExportResponse } from './dto/account-export.response.js';
import { DeleteAccountRequest } from './dto/delete-account.request.js';

@ApiTags('auth')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated')
@Controller('auth/me')
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Get('export')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    operationId: 'exportMe',
    summary: 'Download all that belongs to my account',
    description:
      'The account, its workspaces, its sessions and the links that I have made and may still see; ' +
      'neither passwords nor tokens. It is sent while it is read: if the connection ends before the ' +
      'JSON does, something went wrong.',
  })
  @ApiOkResponse({ type: AccountExportResponse, description: 'A JSON file.' })
  async export(@CurrentUser() user: AuthenticatedUser): Promise<StreamableFile> {
    const json = AccountExportResponse.jsonOf(await this.accounts.export(user));
    return new StreamableFile(Readable.from(json), {
      type: 'application/json',
      disposition: 'attachment; filename="signpost-account.json"',
    });
  }

  @Delete()
  @LimitPasswords()
  @LimitBody({ bytes: 4096, values: 16 })
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteMe',
    summary: 'Delete my account',
    description:
      'For good. Links that I have made stay with workspaces that others belong to, and are nobody’s ' +
      'then. Workspaces of which I am the only member are deleted with their links, whose short URLs ' +
      'answer 410 from then on. Where others would be left without an owner it is refused.',
  })
  @ApiNoContentResponse({ description: 'The account is deleted; none of its tokens works.' })
  @ApiProblems(
    'invalid-request',
    'wrong-password',
    'last-owner',
    'last-administrator',
    'too-many-requests',
  )
  async delete(
    @CurrentUser() user: AuthenticatedUser,
    @Body() { password }: DeleteAccountRequest,
    @CurrentClient() client: Client,
  ): Promise<void> {
    await this.accounts.delete(user, password, client);
  }
}
