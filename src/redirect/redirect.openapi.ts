import { problemResponse } from '../common/problem/api-problems.decorator.js';
import type { OpenApiFragment } from '../platform/openapi/openapi.fragments.js';

const code = {
  name: 'code',
  in: 'path',
  required: true,
  description: 'The short code.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
  example: 'summer-sale',
} as const;

const redirect = (description: string) => ({
  description,
  headers: {
    Location: {
      description: 'The target URL.',
      required: true,
      schema: { type: 'string' as const, format: 'uri' },
      example: 'https://example.com/summer-sale',
    },
    'Cache-Control': {
      description: 'Never cached, so that every click is seen.',
      schema: { type: 'string' as const, const: 'private, no-store' },
    },
  },
});

const REDIRECTS = {
  301: redirect('The link redirects permanently.'),
  302: redirect('The link redirects. The default.'),
  307: redirect('The link redirects and the method stays.'),
  308: redirect('The link redirects permanently and the method stays.'),
};

/** A person gets a page, a program a problem. */
function refusal(status: number, ...codes: Parameters<typeof problemResponse>[1]) {
  const { status: _, ...response } = problemResponse(status, codes);
  const page = { schema: { type: 'string' as const }, example: '<!doctype html>…' };
  return { ...response, content: { ...response.content, 'text/html': page } };
}

const RETRY_AFTER = { 'Retry-After': { $ref: '#/components/headers/Retry-After' } };

const FORM_PAGE = {
  'text/html': { schema: { type: 'string' as const }, example: '<!doctype html>…' },
};

const REFUSALS = {
  400: refusal(400, 'invalid-request'),
  401: {
    ...refusal(401, 'password-required'),
    headers: { 'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' } },
  },
  404: refusal(404, 'link-not-found'),
  410: refusal(410, 'link-gone', 'link-switched-off', 'link-disabled', 'link-blocked'),
  414: refusal(414, 'uri-too-long'),
  429: {
    ...refusal(429, 'quota-exceeded'),
    headers: {
      ...RETRY_AFTER,
      'RateLimit-Policy': { $ref: '#/components/headers/RateLimit-Policy' },
      RateLimit: { $ref: '#/components/headers/RateLimit' },
    },
  },
  503: { ...refusal(503, 'database-unavailable'), headers: RETRY_AFTER },
};

const PREVIEW = {
  description: 'Where the link leads: to a person a page, with the QR code of the short URL.',
  headers: {
    'Cache-Control': {
      description: 'A link may lead elsewhere at any time.',
      schema: { type: 'string' as const, const: 'no-store' },
    },
  },
  content: {
    'application/json': {
      schema: {
        type: 'object' as const,
        required: ['shortUrl', 'hasPassword', 'url', 'hasOtherTargets', 'title', 'createdAt'],
        properties: {
          shortUrl: {
            type: 'string' as const,
            format: 'uri',
            example: 'https://go.example.com/summer-sale',
          },
          hasPassword: {
            type: 'boolean' as const,
            description: 'Of a link with a password nothing else is told.',
            example: false,
          },
          url: {
            type: ['string', 'null'],
            format: 'uri',
            description: 'Where the link leads; null if it has a password.',
            example: 'https://example.com/summer-sale',
          },
          hasOtherTargets: {
            type: 'boolean' as const,
            description:
              'Whether the link leads some visitors elsewhere, by its rules or its split.',
            example: false,
          },
          title: { type: ['string', 'null'], example: 'Summer sale 2026' },
          createdAt: {
            type: ['string', 'null'],
            format: 'date-time',
            example: '2026-11-01T12:00:00.000Z',
          },
        },
      },
    },
    'text/html': { schema: { type: 'string' as const }, example: '<!doctype html>…' },
  },
};

export const redirectFragment: OpenApiFragment = {
  tags: [{ name: 'short links', description: 'What visitors follow.' }],
  paths: {
    '/{code}+': {
      get: {
        operationId: 'previewLink',
        tags: ['short links'],
        summary: 'See where a short link leads before you follow it',
        description:
          'It is no click, and spends none. A link that does not redirect is refused as it is without the ' +
          'plus. Each preview counts for its address like an unknown code.',
        security: [],
        parameters: [code],
        responses: { 200: PREVIEW, ...REFUSALS },
      },
    },
    '/{code}': {
      get: {
        operationId: 'followLink',
        tags: ['short links'],
        summary: 'Follow a short link',
        description:
          'Every redirect is recorded before it is answered, and counted exactly once. ' +
          'Whoever prefers `text/html` to JSON gets refusals as pages, others as problems. Characters ' +
          'behind the code that no code has, such as a full stop or a slash, are ignored; a path, as in ' +
          '`/code/rest/of/path`, is for links with `forwardPath`, and else a 404. Unknown ' +
          'codes and those that are no longer available may be answered with 302 to a page of the ' +
          'operator. Too many unknown codes from one address get 429 instead; links redirect all the same.',
        security: [],
        parameters: [code],
        responses: {
          200: { description: 'A form for the password of the link.', content: FORM_PAGE },
          ...REDIRECTS,
          ...REFUSALS,
        },
      },
      post: {
        operationId: 'unlockLink',
        tags: ['short links'],
        summary: 'Send the password of a short link',
        description:
          'Answers with a cookie for this link, which is valid for 15 minutes or until the password changes, ' +
          'and with a redirect to the link itself, which then redirects to its target. Whoever prefers ' +
          '`text/html` gets the form again instead of a problem. The password is read from nowhere else.',
        security: [],
        parameters: [code],
        requestBody: {
          required: true,
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                additionalProperties: false,
                required: ['password'],
                properties: {
                  password: {
                    type: 'string',
                    format: 'password',
                    minLength: 1,
                    description: 'The password.',
                    example: 'open sesame',
                  },
                },
              },
            },
          },
        },
        responses: {
          303: {
            description: 'The password is right, or not needed any more: follow the link again.',
            headers: {
              Location: {
                description: 'The path of the short link.',
                required: true,
                schema: { type: 'string', format: 'uri-reference' },
                example: '/summer-sale',
              },
              'Set-Cookie': {
                description: 'Opens this link, for 15 minutes.',
                schema: { type: 'string' },
              },
            },
          },
          400: refusal(400, 'invalid-request'),
          403: refusal(403, 'wrong-link-password'),
          404: refusal(404, 'link-not-found'),
          413: refusal(413, 'body-too-large'),
          414: REFUSALS[414],
          415: refusal(415, 'unsupported-media-type'),
          429: REFUSALS[429],
          503: REFUSALS[503],
        },
      },
      head: {
        operationId: 'checkLink',
        tags: ['short links'],
        summary: 'See where a short link leads without counting a click',
        security: [],
        parameters: [code],
        responses: {
          ...REDIRECTS,
          200: { description: 'The short link has a password.' },
          401: {
            description: 'The short link has a password.',
            headers: { 'WWW-Authenticate': { $ref: '#/components/headers/WWW-Authenticate' } },
          },
          404: { description: 'There is no such short link.' },
          410: { description: 'The short link is no longer available.' },
          400: { description: 'The path is not valid.' },
          414: { description: 'The path is too long.' },
          429: { description: 'Too many unknown codes from your address.', headers: RETRY_AFTER },
          503: { description: 'The database cannot be reached right now.', headers: RETRY_AFTER },
        },
      },
    },
  },
};
