import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServerConfig } from '../../config/server.config.js';
import { VisitorsConfig } from '../../config/visitors.config.js';
import { page, PAGE_HEADERS, prefersPage } from '../common/page.js';
import { HostsService } from '../domains/hosts.service.js';
import { hostOfRequest } from '../platform/http/host-header.js';
import { descriptionLink } from '../platform/http/link-header.js';
import { OpenApiFragments } from '../platform/openapi/openapi.fragments.js';
import { siteFragment } from './site.openapi.js';

const ROOT_PAGE = page(
  'Signpost',
  'This service answers short links. What you are looking for is behind one of them.',
);

/** A signpost of 32 by 32 pixels. */
const ICON = Buffer.from(
  'AAABAAEAICAAAAEAIACYAAAAFgAAAIlQTkcNChoKAAAADUlIRFIAAAAgAAAAIAIDAAAADhSSZwAAAAlQTFRFAAAAJWPr' +
    'ZHSLdQkzRwAAAAF0Uk5TAEDm2GYAAAA9SURBVHjaY2DABrgW4GCIhoaGhsAYoXBGAIwRAmOEOqCLBKDrCsFhF1wOpp0V' +
    'xRwUEbgaJBNxOp5EBhgAAB3sImaFPdSXAAAAAElFTkSuQmCC',
  'base64',
);

/** The API is for programs in any case. */
const ROBOTS = {
  disallow: 'User-agent: *\nDisallow: /\n',
  allow: 'User-agent: *\nDisallow: /api/\n',
};

/** What browsers and crawlers ask of a host by themselves, and people who leave the code away. */
@Injectable()
export class SiteRoute implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly visitors: VisitorsConfig,
    private readonly server: ServerConfig,
    private readonly hosts: HostsService,
    openApi: OpenApiFragments,
  ) {
    openApi.add(siteFragment);
  }

  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    const method = ['GET', 'HEAD'];
    server.route({ method, url: '/', handler: (request, reply) => this.root(request, reply) });
    server.route({
      method,
      url: '/favicon.ico',
      handler: (_, reply) =>
        reply.type('image/x-icon').header('cache-control', 'public, max-age=604800').send(ICON),
    });
    server.route({
      method,
      url: '/robots.txt',
      handler: (_, reply) =>
        reply
          .type('text/plain; charset=utf-8')
          .header('cache-control', 'public, max-age=3600')
          .send(ROBOTS[this.visitors.robots]),
    });
  }

  private root(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { rootRedirectUrl } = this.hosts.find(hostOfRequest(request)) ?? this.visitors;
    void reply.headers({
      'cache-control': 'no-store',
      link: descriptionLink(this.server.publicUrl),
    });
    if (rootRedirectUrl) return reply.redirect(rootRedirectUrl, 302);
    if (prefersPage(request.headers.accept)) return reply.headers(PAGE_HEADERS).send(ROOT_PAGE);
    const { publicUrl } = this.server;
    return reply.send({
      name: 'Signpost',
      api: `${publicUrl}/api/v1`,
      openapi: `${publicUrl}/openapi.json`,
    });
  }
}
