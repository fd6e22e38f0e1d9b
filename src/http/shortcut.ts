import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Answers a request, now or later, and returns true; or returns false and leaves it alone. */
export type Shortcut = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Lets `shortcut` look at every request before the framework does. What the framework does for a
 * request (routing, hooks, its own request and reply) costs more than a redirect itself.
 */
export function addShortcut(server: Server, shortcut: Shortcut): void {
  const listeners = server.listeners('request') as ((...args: unknown[]) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (shortcut(request, response)) return;
    for (const listener of listeners) listener.call(server, request, response);
  });
}
