import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, TestUser } from '../support/api.js';
import { askHost as ask } from '../support/ask-host.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const WAYS = { 'a plain connection': {}, 'the HTTP of Node': { connection: 'close' } };

describe('Domains of a workspace', () => {
  let servers: TestServer[];
  let admin: TestUser;
  let ada: TestUser;
  let team: string;

  beforeAll(async () => {
    const first = await startServer();
    const env = { JWT_SECRET: first.jwtSecret };
    servers = [first, await startServer({ databaseUrl: first.databaseUrl, env })];
    admin = await TestUser.register(first.url);
    ada = await TestUser.register(first.url);
    team = (await ada.get('/workspaces')).body['items'][0].id as string;
  });
  afterAll(async () => {
    await servers[1]!.remove();
    await servers[0]!.remove();
  });

  const claim = (user: TestUser, workspace: string, domain: object) =>
    user.post(`/workspaces/${workspace}/domains`, domain);
  /** A domain that answers in both processes. */
  async function add(
    host: string,
    pages: object = {},
    workspace = team,
    user = ada,
  ): Promise<Fields> {
    const { body } = await claim(user, workspace, { host, ...pages });
    const verified = await admin.post(`/admin/domains/${body['id']}/verify`, undefined);
    expect(verified.body['verifiedAt']).not.toBeNull();
    // Where its links are found, it is known.
    const { code } = await user.shorten({ domain: host, workspaceId: workspace });
    const found = () => Promise.all(servers.map((server) => ask(server.url, host, `/${code}`)));
    const known = await eventually(
      found,
      (all) => all.every(({ status }) => status === 302),
      1_000,
    );
    expect(known.map(({ status }) => status)).toEqual([302, 302]);
    return verified.body;
  }

  it('answer for their own links alone, on every way and in every process', async () => {
    await add('go.brand.example');
    const code = 'same-code';
    const urls = { own: 'https://own.example/', brand: 'https://brand.example/' };
    await ada.shorten({ code, url: urls.own });
    const link = await ada.shorten({ code, url: urls.brand, domain: 'Go.Brand.Example.' });
    expect(link).toMatchObject({
      domain: 'go.brand.example',
      shortUrl: `http://go.brand.example:${new URL(servers[0]!.url).port}/same-code`,
    });
    const only = await ada.shorten({ code: 'only-here', url: urls.own });
    for (const server of servers) {
      for (const headers of Object.values(WAYS)) {
        const to = async (host: string, path = `/${code}`) => {
          const { status, location } = await ask(server.url, host, path, headers);
          return location ?? status;
        };
        for (const host of [
          'go.brand.example',
          'GO.brand.EXAMPLE',
          'go.brand.example:8443',
          'go.brand.example.',
          'go.brand.example.:80',
        ]) {
          expect([host, await to(host)]).toEqual([host, urls.brand]);
        }
        // Unknown hosts answer as the default one does, also those below or above it.
        for (const host of [
          '127.0.0.1',
          'unknown.example',
          'brand.example',
          'x.go.brand.example',
          '[::1]:80',
        ]) {
          expect([host, await to(host)]).toEqual([host, urls.own]);
        }
        expect(await to('go.brand.example', `/${only['code']}`)).toBe(404);
        // The host of the URL counts, which proxies are sent; what others claim does not.
        expect(await to('unknown.example', `http://go.brand.example/${code}`)).toBe(urls.brand);
        expect(await to('go.brand.example', `http://unknown.example/${code}`)).toBe(urls.own);
        // No code of the default host spells one of another.
        for (const path of ['/go.brand.example%20same-code', '/go.brand.example/same-code']) {
          expect([path, await to('unknown.example', path)]).toEqual([path, 404]);
        }
      }
      const forwarded = { 'x-forwarded-host': 'go.brand.example' };
      expect((await ask(server.url, 'unknown.example', `/${code}`, forwarded)).location).toBe(
        urls.own,
      );
    }
  });

  it('change in every process within a second, and are gone with their links', async () => {
    const domain = await add('go.short.example');
    const place = `/workspaces/${team}/domains/${domain['id']}`;
    const [link] = (await ada.get('/links?domain=go.short.example')).body['items'] as Fields[];
    const path = `/${link!['code']}`;
    await ada.patch(`/links/${link!['id']}`, { url: 'https://new.example/' });
    const locations = () =>
      Promise.all(
        servers.map(async (server) => (await ask(server.url, 'go.short.example', path)).location),
      );
    const isNew = (all: unknown[]) => all.every((one) => one === 'https://new.example/');
    expect(await eventually(locations, isNew, 1_000)).toEqual(
      Array(2).fill('https://new.example/'),
    );

    const refused = await ada.delete(place);
    expect([refused.status, refused.body['code']]).toEqual([409, 'domain-in-use']);
    await ada.delete(`/links/${link!['id']}`);
    expect((await ada.delete(place)).status).toBe(204);
    const statuses = () =>
      Promise.all(
        servers.map(async (server) => (await ask(server.url, 'go.short.example', path)).status),
      );
    // As on the default host, which never had the code.
    expect(await eventually(statuses, (all) => all.every((one) => one === 404), 1_000)).toEqual([
      404, 404,
    ]);
    const restored = await ada.post(`/links/${link!['id']}/restore`, {});
    expect([restored.status, restored.body['code']]).toEqual([409, 'domain-elsewhere']);

    // Whoever has the host next finds its codes taken.
    const bob = await TestUser.register(servers[0]!.url);
    const place2 = (await bob.get('/workspaces')).body['items'][0].id as string;
    await add('go.short.example', {}, place2, bob);
    const again = await bob.post('/links', {
      url: 'https://bob.example/',
      domain: 'go.short.example',
      code: link!['code'],
    });
    expect([again.status, again.body['code']]).toEqual([409, 'code-taken']);
    expect(await eventually(statuses, (all) => all.every((one) => one === 410), 1_000)).toEqual([
      410, 410,
    ]);
  });

  it('have pages of their own for the bare host and for unknown codes', async () => {
    const domain = await add('go.pages.example', {
      rootRedirectUrl: 'https://www.pages.example',
      notFoundRedirectUrl: 'https://www.pages.example/lost',
    });
    for (const server of servers) {
      const to = async (path: string, host = 'go.pages.example') =>
        (await ask(server.url, host, path)).location;
      expect([await to('/'), await to('/nothing-here')]).toEqual([
        'https://www.pages.example/',
        'https://www.pages.example/lost',
      ]);
      expect([
        await to('/', 'unknown.example'),
        await to('/nothing-here', 'unknown.example'),
      ]).toEqual([undefined, undefined]);
    }
    const place = `/workspaces/${team}/domains/${domain['id']}`;
    const stale = await ada.patch(place, { rootRedirectUrl: null }, { 'if-match': '"1"' });
    expect([stale.status, stale.body['code']]).toEqual([412, 'precondition-failed']);
    const changed = await ada.patch(place, { rootRedirectUrl: null }, { 'if-match': '"2"' });
    expect(changed.body).toMatchObject({
      rootRedirectUrl: null,
      notFoundRedirectUrl: 'https://www.pages.example/lost',
    });
    const roots = () =>
      Promise.all(
        servers.map(async (server) => (await ask(server.url, 'go.pages.example', '/')).status),
      );
    expect(await eventually(roots, (all) => all.every((one) => one === 200), 1_000)).toEqual([
      200, 200,
    ]);
  });

  it('answer the API, its document and health as the default host does', async () => {
    await add('go.api.example');
    for (const path of ['/health/live', '/openapi.json', '/robots.txt']) {
      expect([path, (await ask(servers[0]!.url, 'go.api.example', path)).status]).toEqual([
        path,
        200,
      ]);
    }
    const headers = { authorization: `Bearer ${ada.token}`, connection: 'close' };
    expect((await ask(servers[0]!.url, 'go.api.example', '/api/v1/auth/me', headers)).status).toBe(
      200,
    );
  });

  it('are claimed by anybody, and had by who proves it first', async () => {
    const bob = await TestUser.register(servers[0]!.url);
    const home = (await bob.get('/workspaces')).body['items'][0].id as string;
    const squatted = await claim(bob, home, { host: 'Go.Wanted.example' });
    expect(squatted.status).toBe(201);
    expect(squatted.headers.get('location')).toBe(
      `/api/v1/workspaces/${home}/domains/${squatted.body['id']}`,
    );
    expect(squatted.headers.get('etag')).toBe('"1"');
    expect(squatted.body).toMatchObject({
      host: 'go.wanted.example',
      verifiedAt: null,
      record: { type: 'TXT', name: '_signpost.go.wanted.example' },
    });
    // A claim answers nothing and has no links.
    const early = await bob.post('/links', {
      url: 'https://bob.example/',
      domain: 'go.wanted.example',
    });
    expect([early.status, early.body['errors'][0].pointer]).toEqual([400, '/domain']);
    await add('go.wanted.example');
    const late = await admin.post(`/admin/domains/${squatted.body['id']}/verify`, undefined);
    expect([late.status, late.body['code']]).toEqual([409, 'domain-taken']);
    const foreign = await bob.post('/links', {
      url: 'https://bob.example/',
      domain: 'go.wanted.example',
    });
    expect([foreign.status, foreign.body['errors'][0].pointer]).toEqual([400, '/domain']);
    const twice = await claim(ada, team, { host: 'go.wanted.example.' });
    expect([twice.status, twice.body['code']]).toEqual([409, 'domain-taken']);
    const all = (await admin.get('/admin/domains?host=GO.wanted.example')).body[
      'items'
    ] as Fields[];
    expect(all.map(({ workspaceId }) => workspaceId)).toEqual([team, home]);
  });

  it.each(['%00', 'a%00.example', '%ED%A0%80', '%', 'x y', '127.0.0.1', 'go.brand.example:443'])(
    'are looked for by any text: %s finds none',
    async (host) => {
      for (const [who, path] of [
        [admin, `/admin/domains?host=${host}`],
        [ada, `/links?domain=${host}`],
      ] as const) {
        const { status, body } = await who.get(path);
        expect([path, status, body['items']]).toEqual([path, 200, []]);
      }
      expect((await admin.get(`/admin/links/same-code?domain=${host}`)).status).toBe(404);
    },
  );

  it('are not verified while the DNS does not say so', async () => {
    const { body } = await claim(ada, team, { host: 'nowhere.invalid' });
    const { status, body: problem } = await ada.post(
      `/workspaces/${team}/domains/${body['id']}/verify`,
      undefined,
    );
    expect([status, problem['code']]).toEqual([409, 'domain-not-verified']);
    expect(problem['detail']).toContain('_signpost.nowhere.invalid');
  });

  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '::ffff:127.0.0.1',
    'localhost',
    'go',
    'go.example:443',
    'https://go.example',
    'go.example/x',
    'go..example',
    '.example',
    '*.brand.example',
    'go_x.example',
    '-go.example',
    'go .example',
    'user@go.example',
    `${'a.'.repeat(119)}example`,
    `${'a.'.repeat(126)}example`,
    '',
    'go.1',
    'go\u0000.example',
    'localhost.',
  ])('never have the host %j', async (host) => {
    const { status, body } = await claim(ada, team, {
      host,
      rootRedirectUrl: 'javascript:alert(1)',
    });
    const pointers = (body['errors'] as Fields[]).map(({ pointer }) => pointer as string);
    expect([status, body['code'], pointers.includes('/host')]).toEqual([
      400,
      'invalid-request',
      true,
    ]);
  });

  it('name all that is wrong with them at once', async () => {
    const { body } = await claim(ada, team, {
      host: 'go',
      rootRedirectUrl: 'javascript:alert(1)',
      notFoundRedirectUrl: 'https://user:secret@example.com/',
    });
    expect((body['errors'] as Fields[]).map(({ pointer }) => pointer as string).toSorted()).toEqual(
      ['/host', '/notFoundRedirectUrl', '/rootRedirectUrl'],
    );
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('lead nobody in circles: neither their pages nor links lead to this service', async () => {
    const domain = await add('go.round.example');
    const place = `/workspaces/${team}/domains/${domain['id']}`;
    for (const url of [
      'https://go.round.example/x',
      `${servers[0]!.url}/x`,
      'http://go.brand.example/',
    ]) {
      const { status, body } = await ada.patch(place, { notFoundRedirectUrl: url });
      expect([url, status, body['errors']?.[0].code]).toEqual([url, 400, 'own-host']);
    }
    const { status, body } = await ada.post('/links', { url: 'https://GO.round.example./x' });
    expect([status, body['errors'][0].pointer]).toEqual([400, '/url']);
    const unproved = await claim(ada, team, {
      host: 'go.circle.example',
      rootRedirectUrl: 'http://go.circle.example/',
    });
    expect([unproved.status, unproved.body['errors'][0].pointer]).toEqual([
      400,
      '/rootRedirectUrl',
    ]);
    await admin.put('/admin/blocked-hosts/evil.example', { reason: 'Malware' });
    const evil = await ada.patch(place, { rootRedirectUrl: 'https://www.evil.example/' });
    expect([evil.status, evil.body['errors'][0].code]).toEqual([400, 'blocked']);
  });

  it('are found by their short URLs, and by their host', async () => {
    await add('go.find.example');
    const link = await ada.shorten({
      domain: 'go.find.example',
      code: 'found-me',
      url: 'https://found.example/',
    });
    await ada.shorten({ code: 'found-me', url: 'https://other.example/' });
    const idsOf = async (query: string) =>
      ((await ada.get(`/links?${query}`)).body['items'] as Fields[]).map(({ id }) => id as string);
    expect(await idsOf(`q=${encodeURIComponent(link['shortUrl'] as string)}`)).toEqual([
      link['id'],
    ]);
    expect(await idsOf('domain=go.find.example&q=found')).toEqual([link['id']]);
    expect((await idsOf('domain=GO.find.example')).length).toBe(2);
    expect((await idsOf('domain=go.find.example&limit=1')).length).toBe(1);
    expect(await idsOf('domain=unknown.example')).toEqual([]);
    const { host } = new URL((await ada.shorten())['shortUrl'] as string);
    const own = ((await ada.get(`/links?limit=200&domain=${host}`)).body['items'] as Fields[]).map(
      ({ domain }) => domain as string,
    );
    expect(new Set(own)).toEqual(new Set([host]));
  });

  it('have links that are taken down by host and code', async () => {
    await add('go.bad.example');
    await ada.shorten({ domain: 'go.bad.example', code: 'phish' });
    await ada.shorten({ code: 'phish' });
    const path = '/admin/links/phish?domain=go.bad.example';
    const { body } = await admin.patch(path, { disabled: true, reason: 'Phishing' });
    expect(body).toMatchObject({ domain: 'go.bad.example', disabledReason: 'Phishing' });
    const statuses = () =>
      Promise.all(
        servers.map(async (server) => (await ask(server.url, 'go.bad.example', '/phish')).status),
      );
    expect(await eventually(statuses, (all) => all.every((one) => one === 410), 1_000)).toEqual([
      410, 410,
    ]);
    expect((await ask(servers[0]!.url, '127.0.0.1', '/phish')).status).toBe(302);
    expect((await admin.get('/admin/links/phish?domain=unknown.example')).status).toBe(404);
    expect((await admin.get('/admin/links/phish')).body['disabledAt']).toBeNull();
  });

  it('keep their links in their workspace, and go with all of them to another', async () => {
    const from = (await ada.post('/workspaces', { name: 'Old' })).body['id'] as string;
    const to = (await ada.post('/workspaces', { name: 'New' })).body['id'] as string;
    await add('go.moving.example', {}, from);
    await claim(ada, to, { host: 'go.moving.example' });
    const link = await ada.shorten({
      domain: 'go.moving.example',
      workspaceId: from,
      code: 'mover',
    });
    const moved = await ada.patch(`/links/${link['id']}`, { workspaceId: to });
    expect([moved.status, moved.body['code'], moved.body['errors'][0].pointer]).toEqual([
      409,
      'domain-elsewhere',
      '/workspaceId',
    ]);
    expect((await ada.delete(`/workspaces/${from}?transferTo=${to}`)).status).toBe(204);
    expect((await ada.get(`/links/${link['id']}`)).body['workspaceId']).toBe(to);
    const { items } = (await ada.get(`/workspaces/${to}/domains`)).body as { items: Fields[] };
    expect(items.map(({ host, verifiedAt }) => [host as string, verifiedAt !== null])).toEqual([
      ['go.moving.example', true],
    ]);
    expect((await ask(servers[1]!.url, 'go.moving.example', '/mover')).status).toBe(302);
  });

  it('end with the account of their owner, and their links are gone', async () => {
    const bob = await TestUser.register(servers[0]!.url);
    const home = (await bob.get('/workspaces')).body['items'][0].id as string;
    await add('go.bob.example', {}, home, bob);
    const { code } = await bob.shorten({ domain: 'go.bob.example' });
    expect(
      (
        await bob.client.request(
          'DELETE',
          '/api/v1/auth/me',
          { password: 'a'.repeat(12) },
          { token: bob.token },
        )
      ).status,
    ).toBe(204);
    expect((await admin.get('/admin/domains?host=go.bob.example')).body['items']).toEqual([]);
    expect((await admin.get(`/admin/links/${code}?domain=go.bob.example`)).body['url']).toBe(
      'about:blank',
    );
    const statuses = () =>
      Promise.all(
        servers.map(async ({ url }) => (await ask(url, 'go.bob.example', `/${code}`)).status),
      );
    expect(await eventually(statuses, (all) => all.every((one) => one === 404), 1_000)).toEqual([
      404, 404,
    ]);
  });

  it('are managed by owners, seen by members, and absent for others', async () => {
    const domain = await add('go.roles.example');
    const viewer = await TestUser.register(servers[0]!.url);
    const email = (await viewer.get('/auth/me')).body['email'] as string;
    const place = `/workspaces/${team}/domains`;
    const one = `${place}/${domain['id']}`;
    expect((await viewer.get(place)).status).toBe(404);
    await ada.post(`/workspaces/${team}/members`, { email, role: 'viewer' });
    expect([(await viewer.get(place)).status, (await viewer.get(one)).status]).toEqual([200, 200]);
    for (const answer of [
      await viewer.post(place, { host: 'go.mine.example' }),
      await viewer.patch(one, { rootRedirectUrl: null }),
      await viewer.delete(one),
      await viewer.post(`${one}/verify`, undefined),
      await viewer.get('/admin/domains'),
      await viewer.post(`/admin/domains/${domain['id']}/verify`, undefined),
    ]) {
      expect([answer.status, answer.body['code']]).toEqual([403, 'forbidden']);
    }
    const home = (await viewer.get('/workspaces')).body['items'].at(-1).id as string;
    for (const id of [team, home].filter((each) => each !== team)) {
      // The domain of another workspace is as absent as any.
      expect((await viewer.get(`/workspaces/${id}/domains/${domain['id']}`)).status).toBe(404);
    }
  });

  it('are no more than a workspace may have, although many are claimed at once', async () => {
    const place = (await ada.post('/workspaces', { name: 'Many' })).body['id'] as string;
    const answers = await Promise.all(
      Array.from({ length: 55 }, (_, n) => claim(ada, place, { host: `go-${n}.many.example` })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(50);
    expect(answers.filter(({ body }) => body['code'] === 'domain-limit-reached')).toHaveLength(5);
  });

  it('survive a restart, and are known before the first visitor is answered', async () => {
    await add('go.again.example');
    await ada.shorten({ domain: 'go.again.example', code: 'again', url: 'https://again.example/' });
    await ada.shorten({ code: 'again', url: 'https://default.example/' });
    await servers[1]!.restart();
    expect((await ask(servers[1]!.url, 'go.again.example', '/again')).location).toBe(
      'https://again.example/',
    );
  });
});
