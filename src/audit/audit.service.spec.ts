import { describe, expect, it } from '@jest/globals';
import { type RequestScope, withScope } from '../common/request-context.js';
import type { DatabaseService } from '../platform/database/database.service.js';
import type { AuditEventsRepository } from './audit-events.repository.js';
import type { AuditEvent } from './audit.types.js';
import { AuditService, changesOf } from './audit.service.js';

const NOW = Date.parse('2026-11-01T12:00:00.000Z');

const { signal } = new AbortController();

describe(AuditService, () => {
  const written: AuditEvent[] = [];
  const events = {
    insert: (event: AuditEvent) => Promise.resolve(void written.push(event)),
  } as unknown as AuditEventsRepository;
  const database = {
    beforeCommit: (_order: string, run: () => Promise<void>) => run(),
  } as unknown as DatabaseService;
  const audit = new AuditService(events, database, { now: () => NOW });

  async function recordedIn(scope: RequestScope): Promise<AuditEvent> {
    const event = { workspaceId: null, action: 'user.created', targets: [] };
    await withScope(scope, () => audit.record(event));
    return written.pop()!;
  }

  it('knows who has sent a request, and from where roughly', async () => {
    const scope = {
      requestId: 'r',
      actor: { type: 'user', id: 'u' } as const,
      client: () => ({ address: '192.0.2.77', userAgent: 'x'.repeat(300), signal }),
    };
    const { actor, context, occurredAt } = await recordedIn(scope);
    expect(actor).toEqual(scope.actor);
    expect(context).toEqual({
      requestId: 'r',
      address: '192.0.2.0/24',
      userAgent: 'x'.repeat(200),
    });
    expect(occurredAt).toEqual(new Date(NOW));
  });

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['', null],
  ])('cuts the address %j', async (address, expected) => {
    const { context } = await recordedIn({ client: () => ({ address, userAgent: '', signal }) });
    expect(context).toEqual({ requestId: null, address: expected, userAgent: null });
  });

  it('knows the system where nobody has sent a request', async () => {
    const { actor, context } = await recordedIn({});
    expect(actor).toEqual({ type: 'system', id: null });
    expect(context).toEqual({ requestId: null, address: null, userAgent: null });
  });
});

describe(changesOf, () => {
  const time = new Date(NOW);

  it.each([
    ['what differs', { a: 1, b: 2 }, { a: 1, b: 3 }, { b: { from: 2, to: 3 } }],
    [
      'nothing of equal lists and times',
      { t: ['x'], at: time },
      { t: ['x'], at: new Date(NOW) },
      {},
    ],
    ['all that a new thing has', {}, { a: 1, b: null }, { a: { from: null, to: 1 } }],
    ['what is cleared', { a: 1 }, { a: undefined }, { a: { from: 1, to: null } }],
    ['nothing of fields that stay', { a: 1, b: 2 }, { a: 1 }, {}],
  ] as [string, object, object, object][])('tells %s', (_what, before, after, changes) => {
    expect(changesOf(before, after)).toEqual(changes);
  });
});
