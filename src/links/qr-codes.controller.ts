import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Param, Query, Res, StreamableFile } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedUser } from '../auth/auth.types.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { ApiRole } from '../workspaces/require-role.decorator.js';
import { QrQuery } from './dto/qr.query.js';
import { ApiLinkId } from './links.openapi.js';
import { QrCodesService } from './qr-codes.service.js';

const TYPES = { svg: 'image/svg+xml', png: 'image/png' } as const;

const HEADERS = {
  ETag: { description: 'Of the image, for If-None-Match.', schema: { type: 'string' as const } },
  'Cache-Control': {
    description: 'For the one who asks, for an hour.',
    schema: { type: 'string' as const },
  },
};

@ApiTags('links')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@Controller('links/:id')
export class QrCodesController {
  constructor(private readonly codes: QrCodesService) {}

  @Get('qr')
  @ApiRole('links:read')
  @ApiLinkId()
  @ApiHeader({
    name: 'If-None-Match',
    required: false,
    description: 'The ETag of the image that you have: 304 if it would be the same.',
    schema: { type: 'string' },
  })
  @ApiOperation({
    operationId: 'getQrCode',
    summary: 'Draw the QR code of a link',
    description:
      'It leads to the short URL with `?qr` behind it, by which reports tell scans apart.',
  })
  @ApiOkResponse({
    description: 'The image.',
    headers: HEADERS,
    content: {
      'image/svg+xml': { schema: { type: 'string' } },
      'image/png': { schema: { type: 'string', format: 'binary' } },
    },
  })
  @ApiResponse({ status: 304, description: 'It is the image that you have.', headers: HEADERS })
  @ApiProblems('invalid-request', 'link-not-found')
  async get(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Query() query: QrQuery,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const { format, size } = query;
    const image = await this.codes[format](user.id, id, size, QrQuery.toLook(query));
    const bytes = Buffer.from(image);
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    void reply.headers({ etag, 'cache-control': 'private, max-age=3600' });
    if (ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) {
      void reply.status(304);
      return undefined;
    }
    return new StreamableFile(bytes, { type: TYPES[format], length: bytes.length });
  }
}
