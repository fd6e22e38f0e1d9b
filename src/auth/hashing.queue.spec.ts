import { beforeEach, describe, expect, it } from '@jest/globals';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../platform/http/client.js';
import { HashingQueue } from './hashing.queue.js';

/** A client whose connection the test closes. */
function from(address: string): Client & { hangUp: () => void } {
  const connection = new AbortController();
  return {
    address,
    userAgent: '',
    signal: connection.signal,
    hangUp: () => connection.abort(new Error('gone')),
  };
}

describe(HashingQueue.name, () => {
  let queue: HashingQueue;
  let begun: string[];
  let end: () => Promise<void>;

  /** Asks for a turn for work that lasts until the test ends it. */
  const ask = (client: Client, name = client.address): Promise<string> =>
    queue
      .run(client, async () => {
        begun.push(name);
        await new Promise<void>((resolve) => {
          end = () => {
            resolve();
            return setImmediate();
          };
        });
        return 'done';
      })
      .catch((error: { code?: string; message: string }) => error.code ?? error.message);

  const askOften = (address: string, times: number): Promise<string>[] =>
    Array.from({ length: times }, (_, n) => ask(from(address), `${address} ${n}`));

  const endAll = async (): Promise<void> => {
    for (let before = -1; before < begun.length;) {
      before = begun.length;
      await end();
    }
  };

  beforeEach(() => {
    queue = new HashingQueue(1);
    begun = [];
  });

  it('lets a newcomer begin next, however many of another address wait', async () => {
    const busy = askOften('a', 11);
    const newcomer = ask(from('b'));
    await setImmediate();
    await end();
    await end();
    expect(begun).toEqual(['a 0', 'a 1', 'b']);
    await endAll();
    expect(await Promise.all([...busy, newcomer])).toEqual(Array(12).fill('done'));
  });

  it('lets addresses take turns', async () => {
    const all = [...askOften('a', 4), ...askOften('b', 3), ...askOften('c', 1)];
    await setImmediate();
    await endAll();
    expect(begun).toEqual(['a 0', 'a 1', 'b 0', 'c 0', 'a 2', 'b 1', 'a 3', 'b 2']);
    await Promise.all(all);
  });

  it('turns away whoever comes when ten of their address are waiting, and nobody else', async () => {
    const busy = askOften('a', 11);
    expect(await ask(from('a'))).toBe('too-many-requests');
    expect(() => queue.insistOnRoom(from('a'))).toThrow('too-many-requests');
    queue.insistOnRoom(from('b'));
    const other = ask(from('b'));
    await end();
    const again = ask(from('a'));
    await endAll();
    expect(await Promise.all([...busy, other, again])).toEqual(Array(13).fill('done'));
  });

  it('takes a /64 of IPv6 for one address', async () => {
    const busy = Array.from({ length: 11 }, (_, n) => ask(from(`2001:db8::${n}`)));
    expect(await ask(from('2001:db8::ffff'))).toBe('too-many-requests');
    const other = ask(from('2001:db8:0:1::1'));
    await endAll();
    expect(await Promise.all([...busy, other])).toEqual(Array(12).fill('done'));
  });

  it('forgets whoever hangs up, and does nothing for them', async () => {
    const running = ask(from('a'));
    const clients = Array.from({ length: 10 }, () => from('a'));
    const waiting = clients.map((client) => ask(client));
    for (const client of clients) client.hangUp();
    expect(await Promise.all(waiting)).toEqual(Array(10).fill('gone'));
    const late = from('a');
    late.hangUp();
    expect(await ask(late)).toBe('gone');
    const next = ask(from('a'), 'next');
    await endAll();
    expect(begun).toEqual(['a', 'next']);
    expect(await Promise.all([running, next])).toEqual(['done', 'done']);
  });

  it('makes room for a newcomer where most are waiting when all places are taken', async () => {
    const crowd = Array.from({ length: 11 }, (_, n) => askOften(`10.0.0.${n}`, n === 0 ? 11 : 9));
    await setImmediate();
    const newcomer = ask(from('192.0.2.1'));
    expect(await crowd[0]![10]).toBe('too-many-requests');
    await endAll();
    expect(await newcomer).toBe('done');
    expect((await Promise.all(crowd.flat())).filter((outcome) => outcome !== 'done')).toHaveLength(
      1,
    );
  });

  it('says after how long each address has one place more', async () => {
    await queue.run(from('a'), () => sleep(300));
    const all = [
      ...askOften('a', 11),
      ...['b', 'c', 'd', 'e', 'f'].map((other) => ask(from(other))),
    ];
    const refusal: unknown = await queue
      .run(from('a'), () => Promise.resolve())
      .catch((error: unknown) => error);
    // Six turns of 0.3 s.
    expect(refusal).toMatchObject({ headers: { 'retry-after': '2' } });
    await endAll();
    await Promise.all(all);
  });
});
