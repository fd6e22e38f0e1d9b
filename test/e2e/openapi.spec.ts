import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { HttpClient } from '../support/http-client.js';
import { expectConforms, type ObservedResponse } from '../support/openapi-contract.js';
import { startServer, type TestServer } from '../support/server.js';

describe('OpenAPI', () => {
  let server: TestServer;
  let document: OpenAPIObject;

  beforeAll(async () => {
    server = await startServer();
    document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenAPIObject;
  });

  afterAll(() => server.remove());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      (['get', 'post', 'put', 'patch', 'delete'] as const).flatMap((method) => {
        const operation = item[method];
        return operation ? [{ path, method, operation }] : [];
      }),
    );

  it('is version 3.1', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it('gives every operation an id of its own, a summary and a tag', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of operations()) {
      expect(operation).toMatchObject({
        operationId: expect.any(String),
        summary: expect.any(String),
        tags: [expect.any(String)],
      });
    }
  });

  it('offers an Idempotency-Key on every POST of a user that is no file, and on no other', () => {
    const posts = operations().filter(
      ({ path, method }) => method === 'post' && path.startsWith('/api/'),
    );
    const isOffered = ({ operation }: (typeof posts)[number]) =>
      JSON.stringify(operation).includes('#/components/parameters/IdempotencyKey');
    const isDenied = ({ operation }: (typeof posts)[number]) =>
      operation.description?.includes('`Idempotency-Key` is ignored') ?? false;
    expect(posts.filter(isOffered).length).toBeGreaterThan(0);
    for (const post of posts) {
      // No transaction waits for passwords that are hashed, for files, for the DNS, nor for another one.
      const isOfUser =
        !/^\/api\/v1\/auth\/|\/(imports|explain|domains\/\{domainId\}\/verify)$/.test(post.path);
      const expected = [post.path, isOfUser, !isOfUser];
      expect([post.path, isOffered(post), isDenied(post)]).toEqual(expected);
    }
  });

  it('documents problems for every operation of the API', () => {
    for (const { path, operation } of operations().filter((one) => one.path.startsWith('/api/'))) {
      expect([path, Object.keys(operation.responses)]).toEqual([
        path,
        expect.arrayContaining(['500', '503']),
      ]);
    }
  });

  it('says of every body that it has no other fields, as the service does', () => {
    const bodies = operations().flatMap(({ operation }) =>
      Object.values((operation.requestBody as { content?: object } | undefined)?.content ?? {}),
    ) as { schema: { $ref: string } }[];
    const schemas = bodies
      .filter(({ schema }) => schema.$ref)
      .map(({ schema }) => schema.$ref.split('/').at(-1)!);
    expect(schemas).toContain('CreateLinkRequest');
    for (const name of schemas) {
      expect([name, document.components!.schemas![name]]).toEqual([
        name,
        expect.objectContaining({ additionalProperties: false }),
      ]);
    }
  });

  it('documents what becomes of a path that is none', async () => {
    const client = await HttpClient.connect(server.url);
    for (const path of ['/%zz', '/api/v1/links/%zz']) {
      expect((await client.get(path)).body.code).toBe('invalid-request');
    }
    const tooLong = 'a'.repeat(800);
    for (const path of [`/${tooLong}`, `/api/v1/links/${tooLong}`]) {
      expect((await client.get(path)).body.code).toBe('uri-too-long');
    }
  });

  it('shows the docs without any other host', async () => {
    const html = await (await fetch(`${server.url}/docs`)).text();
    const sources = [...html.matchAll(/(?:src|href)=["']([^"']+)/g)].map(([, source]) => source!);
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources.filter((one) => !one.startsWith('#'))) {
      expect(source).toMatch(/^\.\/docs\//);
      const response = await fetch(new URL(source, `${server.url}/docs`));
      expect([source, response.status]).toEqual([source, 200]);
      await response.arrayBuffer();
    }
  });

  describe('expectConforms', () => {
    const health = (changes: Partial<ObservedResponse> = {}): ObservedResponse => ({
      method: 'GET',
      path: '/health/live',
      status: 200,
      headers: new Headers({ 'content-type': 'application/json', 'x-request-id': '1' }),
      body: { status: 'ok', details: {} },
      ...changes,
    });

    it('lets a documented answer pass', () => {
      expect(() => expectConforms(document, health())).not.toThrow();
    });

    it.each([
      ['an undocumented status', { status: 418 }, /status is not documented/],
      ['an undocumented path', { path: '/api/nowhere' }, /operation is not documented/],
      ['an unknown property', { body: { status: 'ok', details: {}, x: 1 } }, /additional/],
      ['a missing property', { body: { status: 'ok' } }, /details/],
      ['a wrong type', { body: { status: 1, details: {} } }, /\/status/],
      ['another content type', { headers: new Headers({ 'x-request-id': '1' }) }, /none is not/],
      ['a missing header', { headers: new Headers() }, /X-Request-Id is missing/],
    ])('refuses %s', (_name, changes: Partial<ObservedResponse>, message) => {
      expect(() => expectConforms(document, health(changes))).toThrow(message);
    });
  });
});
