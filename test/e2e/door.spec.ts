import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { uuidv7 } from '../../src/common/uuid.js';
import { follow, TestUser } from '../support/api.js';
import type { Fields } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

interface Operation {
  id: string;
  method: string;
  path: string;
  needsToken: boolean;
  isForAdministrators: boolean;
  /** The fields of its body; undefined if it has none. */
  fields?: string[];
}

/** What somebody would like to set who must not. */
const PRIVILEGED = [
  'role',
  'isAdmin',
  'id',
  'userId',
  'createdBy',
  'createdAt',
  'workspaceId',
  'version',
  'passwordHash',
  'disabledAt',
  'scopes',
];

/** Tries every operation that the OpenAPI document has, so that none is forgotten. */
describe('The API', () => {
  let server: TestServer;
  let ada: TestUser;
  let member: TestUser;
  let operations: Operation[];
  let ids: Record<string, string>;

  beforeAll(async () => {
    server = await startServer();
    ada = await TestUser.register(server.url);
    member = await TestUser.register(server.url);
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Fields;
    operations = operationsOf(document);
    const link = await ada.shorten();
    const workspace = link['workspaceId'] as string;
    const domain = (await ada.post(`/workspaces/${workspace}/domains`, { host: 'go.x.example' }))
      .body;
    const me = (await ada.get('/auth/me')).body['id'] as string;
    const wanted = { name: 'x', scopes: ['links:read'] };
    const key = (await ada.post(`/workspaces/${workspace}/api-keys`, wanted)).body;
    ids = {
      '/links/{id}': link['id'] as string,
      '/workspaces/{id}': workspace,
      '/users/{id}': me,
      '/{userId}': me,
      '/{keyId}': key['id'] as string,
      '/{domainId}': domain['id'] as string,
      '/{code}': link['code'] as string,
      '/{host}': 'evil.example',
    };
  });
  afterAll(() => server.remove());

  /** The path with ids of what there is; elsewhere of what there never was. */
  function filled(path: string): string {
    for (const [place, id] of Object.entries(ids)) {
      path = path.replace(place, place.replace(/\{.*\}/, id));
    }
    return path.replaceAll(/\{\w+\}/g, uuidv7());
  }
  const ask = async ({ method, path }: Operation, headers: object = {}, body?: object) => {
    const answer = await fetch(`${server.url}${filled(path)}`, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    return { answer, text: await answer.text() };
  };
  const bearer = ({ token }: TestUser) => ({ authorization: `Bearer ${token}` });

  it('needs a token for all that is not for everybody, and no cookie is one', async () => {
    const guarded = operations.filter(
      ({ path, needsToken }) => path.startsWith('/api/') && needsToken,
    );
    expect(guarded.length).toBeGreaterThan(30);
    for (const operation of guarded) {
      for (const headers of [
        {},
        { cookie: `token=${ada.token}; access_token=${ada.token}; session=${ada.token}` },
        { authorization: `Basic ${btoa(`ada:${ada.token}`)}` },
        { 'x-api-key': ada.token },
      ]) {
        const { answer } = await ask(operation, headers);
        expect([operation.id, answer.status]).toEqual([operation.id, 401]);
      }
    }
  });

  it('is open to everybody in these alone', () => {
    const open = operations.filter(
      ({ path, needsToken }) => path.startsWith('/api/') && !needsToken,
    );
    expect(open.map(({ id }) => id).toSorted()).toEqual(['login', 'logout', 'refresh', 'register']);
  });

  it('sets no cookie', async () => {
    for (const operation of operations.filter(({ method }) => method === 'GET')) {
      const { answer } = await ask(operation, bearer(ada));
      expect([operation.id, answer.headers.get('set-cookie')]).toEqual([operation.id, null]);
    }
    const { answer } = await ask(
      operations.find(({ id }) => id === 'login')!,
      {},
      {},
    );
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('lets administrators alone do what is for them', async () => {
    const theirs = operations.filter(({ isForAdministrators }) => isForAdministrators);
    expect(theirs.length).toBeGreaterThanOrEqual(8);
    for (const operation of theirs) {
      const { answer, text } = await ask(operation, bearer(member), operation.fields && {});
      expect([operation.id, answer.status, JSON.parse(text).code]).toEqual([
        operation.id,
        403,
        'forbidden',
      ]);
    }
  });

  it('takes no field that is not of the body, whatever somebody would like to set', async () => {
    const withBody = operations.filter(({ fields }) => fields);
    expect(withBody.length).toBeGreaterThanOrEqual(14);
    for (const operation of withBody) {
      const foreign = PRIVILEGED.filter((field) => !operation.fields!.includes(field));
      const body = Object.fromEntries(foreign.map((field) => [field, 'admin']));
      const { answer, text } = await ask(operation, bearer(ada), body);
      const { code, errors } = JSON.parse(text) as Fields;
      expect([operation.id, answer.status, code]).toEqual([operation.id, 400, 'invalid-request']);
      const refused = (errors as Fields[])
        .filter((error) => error['code'] === 'not-allowed')
        .map(({ pointer }) => pointer as string);
      expect([operation.id, refused.toSorted()]).toEqual([
        operation.id,
        foreign.map((field) => `/${field}`).toSorted(),
      ]);
    }
  });

  it.each([
    'https://example.com/\r\nset-cookie: a=b',
    'https://example.com/%0d%0aset-cookie:%20a=b',
    'https://example.com/\u2028set-cookie: a=b',
    'https://example.com/?x=\u010d\u010aset-cookie: a=b',
    'https://example.com/#\tset-cookie: a=b',
  ])('adds no header to a redirect for the target %j', async (url) => {
    const { status, body } = await ada.post('/links', { url });
    expect([201, 400]).toContain(status);
    // A plain request and one that the framework answers are answered in different ways.
    for (const connection of status === 201 ? ['keep-alive', 'close'] : []) {
      const answer = await follow(server.url, body['code'] as string, { connection });
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([302, null]);
      expect(answer.headers.get('location')).toMatch(/^https:\/\/example\.com\/[!-~]*$/);
    }
  });

  it('says nothing of SQL, files or code when it fails', async () => {
    const database = new pg.Client({ connectionString: server.databaseUrl });
    await database.connect();
    await database.query('ALTER TABLE workspace_members RENAME COLUMN role TO role_gone');
    try {
      for (const accept of ['application/json', 'text/html']) {
        const answer = await ada.get('/workspaces', { accept });
        expect([answer.status, answer.body['code']]).toEqual([500, 'internal-error']);
        expect(answer.text).not.toMatch(
          /select|relation|column|workspace_members|\.[jt]s\b|\bat /i,
        );
      }
    } finally {
      await database.query('ALTER TABLE workspace_members RENAME COLUMN role_gone TO role');
      await database.end();
    }
    expect(server.log).toContain('role');
  });
});

function operationsOf(document: Fields): Operation[] {
  const fieldsOf = (operation: Fields): string[] | undefined => {
    const schema = operation['requestBody']?.content['application/json']?.schema as Fields;
    const name = (schema?.['$ref'] as string | undefined)?.split('/').at(-1);
    const named = name === undefined ? schema : document['components'].schemas[name];
    return named && Object.keys(named.properties as object);
  };
  return Object.entries(document['paths'] as Record<string, Record<string, Fields>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation['operationId'])
        .map(([method, operation]) => ({
          id: operation['operationId'] as string,
          method: method.toUpperCase(),
          path,
          needsToken: ((operation['security'] ?? []) as unknown[]).length > 0,
          isForAdministrators: (operation['tags'] as string[]).includes('administration'),
          fields: fieldsOf(operation),
        })),
  );
}
