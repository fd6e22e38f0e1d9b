import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from '../support/api.js';
import { cleanEnvironment, signpost } from '../support/environment.js';
import { type Fields, type HttpAnswer, HttpClient } from '../support/http-client.js';
import { startServer, type TestServer } from '../support/server.js';

const PASSWORD = 'correct horse battery staple';
const NEW_PASSWORD = 'a better horse battery staple';

interface Person {
  id: string;
  email: string;
  token: string;
  refreshToken: string;
  sessionId: string;
}

/** An event as the test expects it. Names stand for the ids of the world. */
interface Expected {
  action: string;
  /** Whose trail it is in; the instance's if absent. */
  of?: string;
  /** Nobody who is known, if null. */
  actor: string | null;
  targets: string[];
  changes?: object;
  outcome?: 'failure';
}

/** The ids and tokens of everything that the steps have made so far, by the names that they use. */
type World = Record<string, string>;
type Answer = HttpAnswer<Fields>;

interface Step {
  operation: string;
  title: string;
  run(world: World): Promise<Answer>;
  events: Expected[];
}

const ANY_CHANGES: unknown = expect.any(Object);

/** Operations that change nothing that anybody would ask about. */
const EXCEPTIONS: Record<string, string> = {
  refresh: 'goes on with a session; a token that comes back and ends it is a step of its own',
  checkLink: 'only looks',
  explainLink: 'only looks',
  unlockLink: 'changes nothing: a visitor proves to know the password of a link',
  verifyDomain: 'asks the DNS, with the event below: test/integration/domains.spec.ts',
};

describe('Every change of the API is on record', () => {
  let server: TestServer;
  let client: HttpClient;
  let database: pg.Client;
  const world: World = {};
  const people: Record<string, Person> = {};

  beforeAll(async () => {
    server = await startServer();
    client = await HttpClient.connect(server.url);
    database = new pg.Client({ connectionString: server.databaseUrl });
    await database.connect();
    for (const name of ['admin', 'ada', 'bob']) remember(name, await registration(name));
  });
  afterAll(async () => {
    await database.end();
    await server.remove();
  });

  const registration = (name: string) =>
    client.post('/api/v1/auth/register', { email: `${name}@example.com`, password: PASSWORD });
  const login = (name: string, password: string) =>
    client.post('/api/v1/auth/login', { email: `${name}@example.com`, password });
  /** What came of a registration or a login. */
  function remember(name: string, { body }: Answer): void {
    const token = body['accessToken'] as string;
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Fields;
    const { id, email } = body['user'] as { id: string; email: string };
    const refreshToken = body['refreshToken'] as string;
    people[name] = { id, email, token, refreshToken, sessionId: claims['sid'] as string };
    world[name] = id;
    world[`session of ${name}`] = people[name].sessionId;
  }
  const as = (name: string, method: string, path: string, body?: unknown) =>
    client.request(method, `/api/v1${path}`, body, { token: people[name]!.token });
  /** Asks as ada, whose team it is, and gives what comes of it the name. */
  async function make(name: string, path: string, body: object): Promise<Answer> {
    const answer = await as('ada', 'POST', path, body);
    world[name] = answer.body['id'] as string;
    return answer;
  }
  async function readEvents(requestId: string): Promise<Fields[]> {
    const { rows } = await database.query<Fields>(
      `SELECT workspace_id, action, actor_type, actor_id, targets, changes, outcome, context
       FROM audit_events WHERE context ->> 'requestId' = $1 ORDER BY occurred_at, id`,
      [requestId],
    );
    return rows;
  }
  const nameOf = (id: unknown) => Object.keys(world).find((name) => world[name] === id) ?? id;
  const named = (event: Fields) => ({
    action: event['action'] as string,
    of: nameOf(event['workspace_id']) ?? undefined,
    actor: nameOf(event['actor_id']),
    targets: (event['targets'] as { id: string }[]).map(({ id }) => nameOf(id)),
    changes: JSON.parse(JSON.stringify(event['changes']), (_, value: unknown) => nameOf(value)),
    outcome: event['outcome'] as string,
  });
  const placeOf = ({ action, of }: { action: string; of?: unknown }) => `${action} ${String(of)}`;

  const team = (path = '') => `/workspaces/${world['team']}${path}`;
  const role = (from: string | null, to: string | null) => ({ role: { from, to } });
  const one = 'https://one.example/';
  const hook = (path = '') => team(`/webhooks/${world['webhook']}${path}`);
  const ofHook = (what: string): Expected => ({
    action: `webhook.${what}`,
    of: 'team',
    actor: 'ada',
    targets: ['webhook'],
  });

  const STEPS: Step[] = [
    {
      operation: 'register',
      title: 'that somebody has registered',
      async run() {
        const answer = await registration('carl');
        remember('carl', answer);
        const own = await as('carl', 'GET', '/workspaces');
        world['workspace of carl'] = own.body['items'][0].id;
        return answer;
      },
      events: [
        { action: 'session.created', actor: 'carl', targets: ['carl', 'session of carl'] },
        { action: 'user.created', actor: 'carl', targets: ['carl'], changes: role(null, 'member') },
        {
          action: 'workspace.created',
          of: 'workspace of carl',
          actor: 'carl',
          targets: ['workspace of carl'],
        },
      ],
    },
    {
      operation: 'login',
      title: 'that somebody has logged in',
      async run() {
        const answer = await login('carl', PASSWORD);
        remember('carl', answer);
        return answer;
      },
      events: [{ action: 'session.created', actor: 'carl', targets: ['carl', 'session of carl'] }],
    },
    {
      operation: 'login',
      title: 'that somebody could not log in',
      run: () => login('carl', `${PASSWORD}!`),
      events: [{ action: 'session.created', actor: null, targets: ['carl'], outcome: 'failure' }],
    },
    {
      operation: 'login',
      title: 'nothing of who has no account',
      run: () => login('nobody', PASSWORD),
      events: [],
    },
    {
      operation: 'refresh',
      title: 'nothing of a session that goes on',
      run: () =>
        client.post('/api/v1/auth/refresh', { refreshToken: people['carl']!.refreshToken }),
      events: [],
    },
    {
      operation: 'refresh',
      title: 'that a token came back, which ended its session',
      async run() {
        const { refreshToken } = people['carl']!;
        const next = await client.post('/api/v1/auth/refresh', { refreshToken });
        await client.post('/api/v1/auth/refresh', { refreshToken: next.body['refreshToken'] });
        return client.post('/api/v1/auth/refresh', { refreshToken });
      },
      events: [{ action: 'session.revoked', actor: null, targets: ['carl', 'session of carl'] }],
    },
    {
      operation: 'logout',
      title: 'that somebody has logged out',
      async run() {
        remember('carl', await login('carl', PASSWORD));
        return client.post('/api/v1/auth/logout', { refreshToken: people['carl']!.refreshToken });
      },
      events: [{ action: 'session.ended', actor: 'carl', targets: ['carl', 'session of carl'] }],
    },
    {
      operation: 'endSession',
      title: 'that somebody has ended a session of theirs',
      async run() {
        remember('carl', await login('carl', PASSWORD));
        const { sessionId } = people['carl']!;
        return as('carl', 'DELETE', `/auth/sessions/${sessionId.toUpperCase()}`);
      },
      events: [{ action: 'session.revoked', actor: 'carl', targets: ['carl', 'session of carl'] }],
    },
    {
      operation: 'endOtherSessions',
      title: 'that somebody has ended all others',
      async run() {
        await database.query('DELETE FROM sessions WHERE user_id = $1', [world['carl']]);
        remember('carl', await login('carl', PASSWORD));
        world['other session'] = people['carl']!.sessionId;
        remember('carl', await login('carl', PASSWORD));
        return as('carl', 'DELETE', '/auth/sessions');
      },
      events: [{ action: 'session.revoked', actor: 'carl', targets: ['carl', 'other session'] }],
    },
    {
      operation: 'changePassword',
      title: 'that a password was changed, and what ended with it',
      async run() {
        const { sessionId } = people['carl']!;
        await login('carl', PASSWORD);
        const { rows } = await database.query<{ id: string }>(
          'SELECT id FROM sessions WHERE user_id = $1 AND id <> $2',
          [world['carl'], sessionId],
        );
        world['other session'] = rows[0]!.id;
        return as('carl', 'POST', '/auth/password', {
          currentPassword: PASSWORD,
          newPassword: NEW_PASSWORD,
        });
      },
      events: [
        { action: 'password.changed', actor: 'carl', targets: ['carl'] },
        { action: 'session.revoked', actor: 'carl', targets: ['carl', 'other session'] },
      ],
    },
    {
      operation: 'createWorkspace',
      title: 'that a workspace was made',
      run: () => make('team', '/workspaces', { name: 'Team' }),
      events: [
        {
          action: 'workspace.created',
          of: 'team',
          actor: 'ada',
          targets: ['team'],
          changes: { name: { from: null, to: 'Team' } },
        },
      ],
    },
    {
      operation: 'updateWorkspace',
      title: 'that a workspace was renamed, but no address',
      run: () => as('ada', 'PATCH', team(), { name: 'ada@example.com' }),
      events: [
        {
          action: 'workspace.renamed',
          of: 'team',
          actor: 'ada',
          targets: ['team'],
          changes: { name: { from: 'Team', to: null } },
        },
      ],
    },
    {
      operation: 'addMember',
      title: 'that a member was added',
      run: () => as('ada', 'POST', team('/members'), { email: 'bob@example.com', role: 'viewer' }),
      events: [
        {
          action: 'member.added',
          of: 'team',
          actor: 'ada',
          targets: ['bob'],
          changes: role(null, 'viewer'),
        },
      ],
    },
    {
      operation: 'updateMember',
      title: 'that a member has another role',
      run: () => as('ada', 'PATCH', team(`/members/${world['bob']}`), { role: 'editor' }),
      events: [
        {
          action: 'member.updated',
          of: 'team',
          actor: 'ada',
          targets: ['bob'],
          changes: role('viewer', 'editor'),
        },
      ],
    },
    {
      operation: 'updateMember',
      title: 'nothing of a role that stays',
      run: () => as('ada', 'PATCH', team(`/members/${world['bob']}`), { role: 'editor' }),
      events: [],
    },
    {
      operation: 'removeMember',
      title: 'that a member has left',
      run: () => as('bob', 'DELETE', team(`/members/${world['bob']}`)),
      events: [
        {
          action: 'member.left',
          of: 'team',
          actor: 'bob',
          targets: ['bob'],
          changes: role('editor', null),
        },
      ],
    },
    {
      operation: 'createInvitation',
      title: 'that somebody was invited',
      async run() {
        const body = { role: 'viewer', email: 'bob@example.com' };
        const answer = await make('invitation', team('/invitations'), body);
        world['token'] = answer.body['token'];
        return answer;
      },
      events: [
        {
          action: 'invitation.created',
          of: 'team',
          actor: 'ada',
          targets: ['invitation'],
          changes: role(null, 'viewer'),
        },
      ],
    },
    {
      operation: 'acceptInvitation',
      title: 'that somebody has accepted, and is a member',
      run: () => as('bob', 'POST', `/invitations/${world['token']}/accept`),
      events: [
        { action: 'invitation.accepted', of: 'team', actor: 'bob', targets: ['invitation'] },
        {
          action: 'member.joined',
          of: 'team',
          actor: 'bob',
          targets: ['bob'],
          changes: role(null, 'viewer'),
        },
      ],
    },
    {
      operation: 'removeMember',
      title: 'that a member was removed',
      run: () => as('ada', 'DELETE', team(`/members/${world['bob']}`)),
      events: [
        {
          action: 'member.removed',
          of: 'team',
          actor: 'ada',
          targets: ['bob'],
          changes: role('viewer', null),
        },
      ],
    },
    {
      operation: 'revokeInvitation',
      title: 'that an invitation was revoked',
      async run() {
        await make('invitation', team('/invitations'), { role: 'viewer' });
        return as('ada', 'DELETE', team(`/invitations/${world['invitation']}`));
      },
      events: [{ action: 'invitation.revoked', of: 'team', actor: 'ada', targets: ['invitation'] }],
    },
    {
      operation: 'createApiKey',
      title: 'that an API key was made',
      async run() {
        const answer = await make('key', team('/api-keys'), { name: 'x', scopes: ['links:write'] });
        world['key itself'] = answer.body['key'];
        return answer;
      },
      events: [
        {
          action: 'api-key.created',
          of: 'team',
          actor: 'ada',
          targets: ['key'],
          changes: {
            name: { from: null, to: 'x' },
            scopes: { from: null, to: ['links:write'] },
            expiresAt: { from: null, to: null },
          },
        },
      ],
    },
    {
      operation: 'createLink',
      title: 'that a key has made a link',
      async run() {
        const token = world['key itself']!;
        const answer = await client.post('/api/v1/links', { url: one, code: 'mine' }, { token });
        world['link'] = answer.body['id'];
        return answer;
      },
      events: [{ action: 'link.created', of: 'team', actor: 'key', targets: ['link'] }],
    },
    {
      operation: 'startImport',
      title: 'that an import was begun',
      async run() {
        const answer = await client.post(
          `/api/v1${team('/imports')}?dryRun=true`,
          'https://one.example/',
          {
            token: people['ada']!.token,
            headers: { 'content-type': 'application/octet-stream' },
          },
        );
        world['import'] = answer.body['id'];
        return answer;
      },
      events: [{ action: 'import.started', of: 'team', actor: 'ada', targets: ['import'] }],
    },
    {
      operation: 'deleteImport',
      title: 'that an import was removed',
      async run() {
        const path = team(`/imports/${world['import']}`);
        await eventually(
          () => as('ada', 'GET', path),
          ({ body }) => body['finishedAt'] !== null,
          20_000,
        );
        return as('ada', 'DELETE', path);
      },
      events: [{ action: 'import.removed', of: 'team', actor: 'ada', targets: ['import'] }],
    },
    {
      operation: 'rotateApiKey',
      title: 'that a key was replaced',
      run: () => make('next key', team(`/api-keys/${world['key']}/rotate`), { overlapSeconds: 0 }),
      events: [
        {
          action: 'api-key.rotated',
          of: 'team',
          actor: 'ada',
          targets: ['key', 'next key'],
          changes: { expiresAt: { from: null, to: expect.any(String) } },
        },
      ],
    },
    {
      operation: 'revokeApiKey',
      title: 'that a key was revoked',
      run: () => as('ada', 'DELETE', team(`/api-keys/${world['next key']!.toUpperCase()}`)),
      events: [{ action: 'api-key.revoked', of: 'team', actor: 'ada', targets: ['next key'] }],
    },
    {
      operation: 'createDomain',
      title: 'that a domain was claimed',
      run: () => make('domain', team('/domains'), { host: 'go.brand.example' }),
      events: [
        {
          action: 'domain.created',
          of: 'team',
          actor: 'ada',
          targets: ['domain'],
          changes: { host: { from: null, to: 'go.brand.example' } },
        },
      ],
    },
    {
      operation: 'createWebhook',
      title: 'that a webhook was made, and for which host',
      run: () =>
        make('webhook', team('/webhooks'), {
          url: 'http://127.0.0.1:9/secret-path',
          events: ['link.spent'],
        }),
      events: [
        {
          action: 'webhook.created',
          of: 'team',
          actor: 'ada',
          targets: ['webhook'],
          changes: {
            host: { from: null, to: '127.0.0.1:9' },
            events: { from: null, to: ['link.spent'] },
          },
        },
      ],
    },
    {
      operation: 'verifyDomainUnseen',
      title: 'that an administrator has verified a domain',
      run: () => as('admin', 'POST', `/admin/domains/${world['domain']}/verify`),
      events: [
        {
          action: 'domain.verified',
          of: 'team',
          actor: 'admin',
          targets: ['domain'],
          changes: { verifiedAt: { from: null, to: expect.any(String) } },
        },
      ],
    },
    {
      operation: 'updateWebhook',
      title: 'what was changed of a webhook',
      run: () => as('ada', 'PATCH', hook(), { events: ['link.expired'] }),
      events: [
        {
          ...ofHook('updated'),
          changes: { events: { from: ['link.spent'], to: ['link.expired'] } },
        },
      ],
    },
    {
      operation: 'updateDomain',
      title: 'where the bare host of a domain leads',
      run: () => as('ada', 'PATCH', team(`/domains/${world['domain']}`), { rootRedirectUrl: one }),
      events: [
        {
          action: 'domain.updated',
          of: 'team',
          actor: 'ada',
          targets: ['domain'],
          changes: { rootRedirectUrl: { from: null, to: one } },
        },
      ],
    },
    {
      operation: 'rotateWebhookSecret',
      title: 'that a webhook has a new secret',
      run: () => as('ada', 'POST', hook('/rotate-secret')),
      events: [ofHook('secret-rotated')],
    },
    {
      operation: 'testWebhook',
      title: 'that a webhook was tested',
      async run() {
        const answer = await as('ada', 'POST', hook('/test'));
        world['test event'] = answer.body['eventId'] as string;
        return answer;
      },
      events: [ofHook('tested')],
    },
    {
      operation: 'retryDelivery',
      title: 'that an event was sent again',
      run: () => as('ada', 'POST', hook(`/deliveries/${world['test event']}/retry`)),
      events: [ofHook('delivery-retried')],
    },
    {
      operation: 'replayEvents',
      title: 'that all events of a time were sent again',
      run: () => as('ada', 'POST', hook('/replay'), { from: '2026-01-01T00:00:00Z' }),
      events: [
        {
          ...ofHook('replayed'),
          changes: {
            from: { from: null, to: '2026-01-01T00:00:00.000Z' },
            until: { from: null, to: expect.any(String) },
          },
        },
      ],
    },
    {
      operation: 'deleteDomain',
      title: 'that a domain is gone',
      run: () => as('ada', 'DELETE', team(`/domains/${world['domain']}`)),
      events: [
        {
          action: 'domain.deleted',
          of: 'team',
          actor: 'ada',
          targets: ['domain'],
          changes: { host: { from: 'go.brand.example', to: null } },
        },
      ],
    },
    {
      operation: 'deleteWebhook',
      title: 'that a webhook was deleted',
      run: () => as('ada', 'DELETE', hook()),
      events: [ofHook('deleted')],
    },
    {
      operation: 'updateLink',
      title: 'what was changed of a link',
      run: () => as('ada', 'PATCH', `/links/${world['link']}`, { title: 'Mine' }),
      events: [
        {
          action: 'link.updated',
          of: 'team',
          actor: 'ada',
          targets: ['link'],
          changes: { title: { from: null, to: 'Mine' } },
        },
      ],
    },
    {
      operation: 'deleteLink',
      title: 'that a link was deleted',
      run: () => as('ada', 'DELETE', `/links/${world['link']}`),
      events: [{ action: 'link.deleted', of: 'team', actor: 'ada', targets: ['link'] }],
    },
    {
      operation: 'restoreLink',
      title: 'that a link was restored',
      run: () => as('ada', 'POST', `/links/${world['link']}/restore`, {}),
      events: [{ action: 'link.restored', of: 'team', actor: 'ada', targets: ['link'] }],
    },
    {
      operation: 'deleteClicks',
      title: 'that the clicks of a link were deleted',
      run: () => as('ada', 'DELETE', `/links/${world['link']}/clicks`),
      events: [{ action: 'link.clicks-deleted', of: 'team', actor: 'ada', targets: ['link'] }],
    },
    {
      operation: 'putLinkByExternalId',
      title: 'that a link was made by the id of somebody else',
      async run() {
        const path = `/links/by-external-id/theirs?workspaceId=${world['team']}`;
        const answer = await as('ada', 'PUT', path, { url: one });
        world['their link'] = answer.body['id'];
        return answer;
      },
      events: [{ action: 'link.created', of: 'team', actor: 'ada', targets: ['their link'] }],
    },
    {
      operation: 'putLinkByExternalId',
      title: 'what was changed of it when it was replaced',
      run: () =>
        as('ada', 'PUT', `/links/by-external-id/theirs?workspaceId=${world['team']}`, {
          url: one,
          title: 'Theirs',
        }),
      events: [
        {
          action: 'link.updated',
          of: 'team',
          actor: 'ada',
          targets: ['their link'],
          changes: { title: { from: null, to: 'Theirs' } },
        },
      ],
    },
    {
      operation: 'batchLinks',
      title: 'each of many changes, and none that was refused',
      async run() {
        const { body } = await as('ada', 'GET', '/workspaces');
        const items = body['items'] as { id: string }[];
        world['workspace of ada'] = items.find(({ id }) => id !== world['team'])!.id;
        return as('ada', 'POST', '/links/batch', {
          workspaceId: world['team'],
          operations: [
            {
              op: 'update',
              externalId: 'theirs',
              link: { workspaceId: world['workspace of ada'] },
            },
            { op: 'delete', externalId: 'theirs' },
            { op: 'update', id: world['link'], link: { title: null } },
          ],
        });
      },
      events: [
        { action: 'link.moved', of: 'team', actor: 'ada', targets: ['their link'] },
        { action: 'link.moved', of: 'workspace of ada', actor: 'ada', targets: ['their link'] },
        {
          action: 'link.updated',
          of: 'team',
          actor: 'ada',
          targets: ['link'],
          changes: { title: { from: 'Mine', to: null } },
        },
      ],
    },
    {
      operation: 'updateTakedown',
      title: 'that an administrator has disabled a link',
      run: () => as('admin', 'PATCH', '/admin/links/mine', { disabled: true, reason: 'spam' }),
      events: [{ action: 'link.disabled', of: 'team', actor: 'admin', targets: ['link'] }],
    },
    {
      operation: 'blockHost',
      title: 'that a host was blocked',
      run: () => as('admin', 'PUT', '/admin/blocked-hosts/evil.example', { reason: 'spam' }),
      events: [{ action: 'host.blocked', actor: 'admin', targets: ['evil.example'] }],
    },
    {
      operation: 'unblockHost',
      title: 'that a host is not blocked any more',
      run: () => as('admin', 'DELETE', '/admin/blocked-hosts/evil.example'),
      events: [{ action: 'host.unblocked', actor: 'admin', targets: ['evil.example'] }],
    },
    {
      operation: 'updateUser',
      title: 'that a user was promoted',
      run: () => as('admin', 'PATCH', `/users/${world['bob']}`, { role: 'admin', disabled: false }),
      events: [
        {
          action: 'user.promoted',
          actor: 'admin',
          targets: ['bob'],
          changes: role('member', 'admin'),
        },
      ],
    },
    {
      operation: 'updateUser',
      title: 'all that was changed of a user at once',
      run: () =>
        as('admin', 'PATCH', `/users/${world['bob']}`, {
          role: 'member',
          disabled: true,
          linksDisabled: true,
        }),
      events: [
        {
          action: 'user.demoted',
          actor: 'admin',
          targets: ['bob'],
          changes: role('admin', 'member'),
        },
        {
          action: 'user.disabled',
          actor: 'admin',
          targets: ['bob'],
          changes: { disabledAt: { from: null, to: expect.any(String) } },
        },
        {
          action: 'user.links-disabled',
          actor: 'admin',
          targets: ['bob'],
          changes: { linksDisabledAt: { from: null, to: expect.any(String) } },
        },
      ],
    },
    {
      operation: 'updateUser',
      title: 'that a user is enabled again',
      run: () =>
        as('admin', 'PATCH', `/users/${world['bob']}`, { disabled: false, linksDisabled: false }),
      events: [
        { action: 'user.enabled', actor: 'admin', targets: ['bob'] },
        { action: 'user.links-enabled', actor: 'admin', targets: ['bob'] },
      ],
    },
    {
      operation: 'deleteWorkspace',
      title: 'that a workspace is gone, and where its links are',
      async run() {
        const { body } = await as('ada', 'GET', '/workspaces');
        const items = body['items'] as { id: string }[];
        world['workspace of ada'] = items.find(({ id }) => id !== world['team'])!.id;
        return as('ada', 'DELETE', team(`?transferTo=${world['workspace of ada']}`));
      },
      events: [
        {
          action: 'links.transferred',
          of: 'team',
          actor: 'ada',
          targets: ['team', 'workspace of ada'],
        },
        {
          action: 'links.transferred',
          of: 'workspace of ada',
          actor: 'ada',
          targets: ['team', 'workspace of ada'],
        },
        { action: 'workspace.deleted', actor: 'ada', targets: ['team', 'workspace of ada'] },
      ],
    },
    {
      operation: 'deleteMe',
      title: 'that an account is gone, with whose workspaces, and what it has left',
      async run() {
        const home = `/workspaces/${world['workspace of ada']}/members`;
        await as('ada', 'POST', home, { email: 'carl@example.com', role: 'editor' });
        return as('carl', 'DELETE', '/auth/me', { password: NEW_PASSWORD });
      },
      events: [
        {
          action: 'member.left',
          of: 'workspace of ada',
          actor: 'carl',
          targets: ['carl'],
          changes: role('editor', null),
        },
        { action: 'user.deleted', actor: 'carl', targets: ['carl'] },
        { action: 'workspace.deleted', actor: 'carl', targets: ['workspace of carl'] },
      ],
    },
  ];

  it.each(STEPS)('$operation: $title', async ({ run, events }) => {
    const answer = await run(world);
    const requestId = answer.headers.get('x-request-id')!;
    // That a login has failed is written while it is answered.
    const found = await eventually(
      () => readEvents(requestId),
      (rows) => rows.length >= events.length,
    );
    expect(found.map(named).toSorted((a, b) => placeOf(a).localeCompare(placeOf(b)))).toEqual(
      events.map(({ of, changes, outcome = 'success', ...event }) => ({
        ...event,
        of,
        changes: changes ?? ANY_CHANGES,
        outcome,
      })),
    );
    for (const { context } of found) {
      expect(context).toMatchObject({ requestId, address: '127.0.0.0/24', userAgent: 'node' });
    }
  });

  it('each operation that is not a GET is a step above, or an exception that has a reason', async () => {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Fields;
    const paths = Object.values(document['paths'] as Record<string, Record<string, Fields>>);
    const operations = paths.flatMap((path) =>
      Object.entries(path)
        .filter(([method, { operationId }]) => method !== 'get' && operationId)
        .map(([, { operationId }]) => operationId as string),
    );
    const steps = new Set([...STEPS.map(({ operation }) => operation), ...Object.keys(EXCEPTIONS)]);
    expect([...steps].toSorted()).toEqual(operations.toSorted());
  });

  it('without a secret or an address, and as it was written', async () => {
    const { rows } = await database.query<{ event: string }>(
      'SELECT e::text AS event FROM audit_events e',
    );
    const text = rows.map(({ event }) => event).join('\n');
    expect(text).not.toMatch(/@|sp[ir]_|sgp_|whsec_|secret-path|eyJ|correct horse|better horse/);
    // Of the workspace that has ended with its only member nothing is left.
    const { rows: left } = await database.query(
      'SELECT FROM audit_events WHERE workspace_id = $1',
      [world['workspace of carl']],
    );
    expect(left).toEqual([]);
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      signpost('audit:verify'),
      {
        env: cleanEnvironment({
          DATABASE_URL: server.databaseUrl,
          JWT_SECRET: server.jwtSecret,
        }),
      },
    );
    expect([stdout, stderr]).toEqual([expect.stringMatching(/^0{8}-.* \d+ [0-9a-f]{64}$/m), '']);
  });
});
