import { describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage } from 'node:http';
import { addShortcut } from './shortcut.js';

describe(addShortcut, () => {
  it('leaves to the framework, once, what the shortcut does not answer', () => {
    const seen: string[] = [];
    const server = createServer(({ url }) => seen.push(`framework ${url}`));
    addShortcut(server, ({ url }) => {
      seen.push(`shortcut ${url}`);
      return url === '/hot';
    });
    for (const url of ['/hot', '/cold']) server.emit('request', { url } as IncomingMessage, {});
    expect(seen).toEqual(['shortcut /hot', 'shortcut /cold', 'framework /cold']);
  });
});
