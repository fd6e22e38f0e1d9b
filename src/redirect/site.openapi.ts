import type { OpenApiFragment } from '../platform/openapi/openapi.fragments.js';

const text = (description: string, type: string, example: string) => ({
  description,
  content: { [type]: { schema: { type: 'string' as const }, example } },
});

const url = (description: string, example: string) => ({
  type: 'string' as const,
  format: 'uri',
  description,
  example,
});

const root = {
  description: 'What this service is: to a person a page.',
  content: {
    'application/json': {
      schema: {
        type: 'object' as const,
        required: ['name', 'api', 'openapi'],
        properties: {
          name: { type: 'string' as const, example: 'Signpost' },
          api: url('Where the paths of the API begin.', 'https://go.example.com/api/v1'),
          openapi: url('This document.', 'https://go.example.com/openapi.json'),
        },
      },
    },
    'text/html': { schema: { type: 'string' as const }, example: '<!doctype html>…' },
  },
};

/** What the operator has put in its place. */
const elsewhere = {
  description: 'The operator sends visitors of the bare address to another page.',
  headers: {
    Location: {
      description: 'The page.',
      required: true,
      schema: { type: 'string' as const, format: 'uri' },
      example: 'https://www.example.com/',
    },
  },
};

export const siteFragment: OpenApiFragment = {
  paths: {
    '/': {
      get: {
        operationId: 'getRoot',
        tags: ['short links'],
        summary: 'See what answers at the bare address',
        security: [],
        responses: { 200: root, 302: elsewhere },
      },
    },
    '/robots.txt': {
      get: {
        operationId: 'getRobots',
        tags: ['short links'],
        summary: 'Read whether crawlers may follow short links',
        security: [],
        responses: {
          200: text('For crawlers (RFC 9309).', 'text/plain', 'User-agent: *\nDisallow: /\n'),
        },
      },
    },
    '/favicon.ico': {
      get: {
        operationId: 'getIcon',
        tags: ['short links'],
        summary: 'Get the icon that browsers show',
        security: [],
        responses: { 200: text('The icon.', 'image/x-icon', '(32 by 32 pixels)') },
      },
    },
  },
};
