import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestUser } from '../support/api.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

describe('The QR code of a link', () => {
  let server: TestServer;
  let user: TestUser;
  let link: Fields;

  beforeAll(async () => {
    server = await startServer();
    user = await TestUser.register(server.url);
    link = await user.shorten({ code: 'summer-sale' });
  });
  afterAll(() => server.remove());

  const draw = (query = '', headers: Record<string, string> = {}, { token } = user) =>
    fetch(`${server.url}/api/v1/links/${link['id']}/qr${query}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    });

  it('is an SVG or a PNG of the size that is asked for', async () => {
    const svg = await draw();
    expect([svg.status, svg.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
    expect(await svg.text()).toMatch(/^<svg .* width="512" height="512" /);
    const png = await draw('?format=png&size=2048&level=H&margin=0&dark=%231A237E&light=fff8e1');
    expect([png.status, png.headers.get('content-type')]).toEqual([200, 'image/png']);
    const bytes = Buffer.from(await png.arrayBuffer());
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([2048, 2048]);
    expect(bytes.includes(Buffer.from('fff8e11a237e', 'hex'))).toBe(true);
    expect(bytes.length).toBeLessThan(20_000);
  });

  it('need not be sent to who has it, and is not for caches of others', async () => {
    const first = await draw('?format=png');
    const etag = first.headers.get('etag')!;
    expect(first.headers.get('cache-control')).toBe('private, max-age=3600');
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await draw('?format=png', { 'if-none-match': tags });
      expect([again.status, await again.text()]).toEqual([304, '']);
      expect(again.headers.get('etag')).toBe(etag);
    }
    expect((await draw('?format=svg', { 'if-none-match': etag })).status).toBe(200);
  });

  it.each([
    ['?format=gif', '?format'],
    ['?size=63', '?size'],
    ['?size=2049', '?size'],
    ['?size=1e9', '?size'],
    ['?size=300.5', '?size'],
    ['?margin=-1', '?margin'],
    ['?margin=17', '?margin'],
    ['?level=X', '?level'],
    ['?dark=red', '?dark'],
    ['?dark=000', '?dark'],
    ['?light=%22/%3E%3Cscript%3E', '?light'],
    ['?dark=ffffff&light=000000', '?dark'],
    ['?dark=aaaaaa&light=ffffff', '?dark'],
    ['?format=svg&format=png', '?format'],
    ['?unknown=1', '?unknown'],
  ])('refuses %s, and names it', async (query, pointer) => {
    const answer = await draw(query);
    const { code, errors } = (await answer.json()) as Fields;
    expect([answer.status, code]).toEqual([400, 'invalid-request']);
    expect((errors as Fields[]).map((error) => error['pointer'] as string)).toEqual([pointer]);
  });

  it('names all that is wrong at once', async () => {
    const { errors } = (await (await draw('?size=1&level=X&dark=red')).json()) as Fields;
    const pointers = (errors as Fields[]).map(({ pointer }) => pointer as string);
    expect(pointers.toSorted()).toEqual(['?dark', '?level', '?size']);
  });

  it('says how large a PNG must be at least', async () => {
    const long = await user.shorten({ code: 'x'.repeat(64) });
    const path = `/links/${long['id']}/qr?format=png&size=64&level=H&margin=16`;
    const { status, body } = await user.get(path);
    expect([status, body['errors'][0].pointer]).toEqual([400, '?size']);
    const least = Number(/\d+/.exec(body['detail'] as string)![0]);
    expect((await user.get(path.replace('size=64', `size=${least}`))).status).toBe(200);
    expect((await user.get(path.replace('size=64', `size=${least - 1}`))).status).toBe(400);
  });

  it('is for who may read the link', async () => {
    const stranger = await TestUser.register(server.url);
    expect((await draw('', {}, stranger)).status).toBe(404);
    expect((await fetch(`${server.url}/api/v1/links/${link['id']}/qr`)).status).toBe(401);
    const gone = await user.shorten();
    await user.delete(`/links/${gone['id']}`);
    expect((await user.get(`/links/${gone['id']}/qr`)).status).toBe(404);
    expect((await user.get('/links/nonsense/qr')).status).toBe(404);
  });
});
