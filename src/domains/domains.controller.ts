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
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { etagOf, IF_MATCH_PATTERN, versionsOf } from '../common/etag.js';
import { ApiProblems } from '../common/problem/api-problems.decorator.js';
import { PageQuery } from '../common/validation/page.query.js';
import { WithoutIdempotencyKey } from '../common/without-idempotency-key.decorator.js';
import { RequireRole } from '../workspaces/require-role.decorator.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { DomainsService } from './domains.service.js';
import type { Domain } from './domains.types.js';
import { CreateDomainRequest, UpdateDomainRequest } from './dto/domain.request.js';
import { DomainPageResponse, DomainResponse } from './dto/domain.response.js';

const ApiDomainId = (): MethodDecorator =>
  ApiParam({ name: 'domainId', format: 'uuid', example: '01912d3a-5555-7c3f-8a4d-9e6f0a1b2c3d' });

const ETAG = {
  ETag: { description: 'The version, for If-Match.', schema: { type: 'string' }, example: '"1"' },
} as const;

const LOCATION = {
  Location: { description: 'The path of the new domain.', schema: { type: 'string' } },
} as const;

const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description: 'The ETag the change is meant for; if the domain has changed since: 412.',
  schema: { type: 'string', pattern: IF_MATCH_PATTERN },
  example: '"1"',
} as const;

@ApiTags('workspaces')
@ApiBearerAuth('bearer')
@ApiProblems('unauthenticated', 'database-unavailable')
@ApiParam({ name: 'id', format: 'uuid', example: '01912d3a-1111-7c3f-8a4d-9e6f0a1b2c3d' })
@Controller('workspaces/:id/domains')
export class DomainsController {
  constructor(
    private readonly domains: DomainsService,
    private readonly workspaces: WorkspacesService,
  ) {}

  @Get()
  @RequireRole('domains:read')
  @ApiOperation({
    operationId: 'listDomains',
    summary: 'List the domains of a workspace, the newest first',
  })
  @ApiOkResponse({ type: DomainPageResponse })
  @ApiProblems('invalid-request', 'forbidden', 'not-found')
  async list(@Param('id') id: string, @Query() query: PageQuery): Promise<DomainPageResponse> {
    return DomainPageResponse.from(await this.domains.list(id, query));
  }

  @Post()
  @RequireRole('domains:write')
  @ApiOperation({
    operationId: 'createDomain',
    summary: 'Add a further host for short links',
    description:
      'It answers once it is verified: add `record` to its DNS, and ask for the verification. Until ' +
      'then others may claim it as well.',
  })
  @ApiCreatedResponse({ type: DomainResponse, headers: { ...ETAG, ...LOCATION } })
  @ApiProblems('invalid-request', 'forbidden', 'domain-limit-reached', 'not-found', 'domain-taken')
  async create(
    @Param('id') id: string,
    @Body() body: CreateDomainRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DomainResponse> {
    const domain = await this.domains.create(id, body);
    void reply.header('location', this.workspaces.apiPath(id, 'domains', domain.id));
    return present(domain, reply);
  }

  @Get(':domainId')
  @RequireRole('domains:read')
  @ApiDomainId()
  @ApiOperation({ operationId: 'getDomain', summary: 'Read a domain' })
  @ApiOkResponse({ type: DomainResponse, headers: ETAG })
  @ApiProblems('forbidden', 'not-found')
  async get(
    @Param('id') id: string,
    @Param('domainId') domainId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DomainResponse> {
    return present(await this.domains.get(id, domainId), reply);
  }

  @Patch(':domainId')
  @RequireRole('domains:write')
  @ApiDomainId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    operationId: 'updateDomain',
    summary: 'Change where a domain leads visitors without a code',
    description: 'Fields that are absent stay as they are. The host never changes.',
  })
  @ApiOkResponse({ type: DomainResponse, headers: ETAG })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'precondition-failed')
  async update(
    @Param('id') id: string,
    @Param('domainId') domainId: string,
    @Body() body: UpdateDomainRequest,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DomainResponse> {
    return present(await this.domains.update(id, domainId, body, versionsOf(ifMatch)), reply);
  }

  @Delete(':domainId')
  @HttpCode(204)
  @RequireRole('domains:write')
  @ApiDomainId()
  @ApiHeader(IF_MATCH)
  @ApiOperation({
    operationId: 'deleteDomain',
    summary: 'Delete a domain that has no links any more',
    description: 'Its host then answers as any unknown one. Codes of its deleted links stay taken.',
  })
  @ApiNoContentResponse({ description: 'The domain is deleted.' })
  @ApiProblems('invalid-request', 'forbidden', 'not-found', 'domain-in-use', 'precondition-failed')
  async delete(
    @Param('id') id: string,
    @Param('domainId') domainId: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.domains.delete(id, domainId, versionsOf(ifMatch));
  }

  /** The DNS is asked meanwhile: no transaction is to wait for it, and to ask twice does no harm. */
  @Post(':domainId/verify')
  @HttpCode(200)
  @WithoutIdempotencyKey()
  @RequireRole('domains:write')
  @ApiDomainId()
  @ApiOperation({
    operationId: 'verifyDomain',
    summary: 'Verify a domain by its DNS record',
    description: 'From then on it answers, within a second in every process, and can have links.',
  })
  @ApiOkResponse({ type: DomainResponse, headers: ETAG })
  @ApiProblems('forbidden', 'not-found', 'domain-not-verified', 'domain-taken')
  async verify(
    @Param('id') id: string,
    @Param('domainId') domainId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DomainResponse> {
    return present(await this.domains.verify(id, domainId), reply);
  }
}

function present(domain: Domain, reply: FastifyReply): DomainResponse {
  void reply.header('etag', etagOf(domain.version));
  return DomainResponse.from(domain);
}
