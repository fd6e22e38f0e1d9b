import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PlainConnection, type PlainConnectionOwner } from './plain-connection.js';
import { RedirectAnswers } from './redirect-answers.js';
import type { Shortcut, ShortcutReply, ShortcutRequest } from './shortcut.types.js';

type Listener = (...args: unknown[]) => void;

/**
 * Lets `shortcut` look at every GET before the framework does: what the framework does for a request
 * (routing, hooks, its own request and reply) costs more than a redirect itself. And before Node
 * does, while a connection asks for nothing else: its HTTP costs more than the redirect, too.
 */
export function addShortcut(server: Server, shortcut: Shortcut): void {
  const frameworkListeners = takeListeners(server, 'request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const leave = (): void => {
      for (const listener of frameworkListeners) listener.call(server, request, response);
    };
    if (request.method !== 'GET') leave();
    else shortcut(request as ShortcutRequest, { redirect: redirectWith(response), leave });
  });
  addPlainConnections(server, shortcut);
}

const redirectWith =
  (response: ServerResponse): ShortcutReply['redirect'] =>
  (status, location) => {
    const headers = { location, 'cache-control': 'private, no-store', 'content-length': '0' };
    response.writeHead(status, headers).end();
  };

function addPlainConnections(server: Server, shortcut: Shortcut): void {
  const connections = new Set<PlainConnection>();
  const nodeListeners = takeListeners(server, 'connection');
  const owner: PlainConnectionOwner = {
    shortcut,
    answers: new RedirectAnswers(server.keepAliveTimeout),
    forget: (connection) => connections.delete(connection),
    takeOver: (connection) => {
      connections.delete(connection);
      for (const listener of nodeListeners) listener.call(server, connection.socket);
    },
  };
  server.on('connection', (socket: Socket) => connections.add(new PlainConnection(socket, owner)));
  // Timers of their own, set anew with each request, would take longer than to look at them all.
  const sweep = setInterval(() => {
    for (const connection of connections) connection.closeIfSilent();
  }, server.keepAliveTimeout);
  sweep.unref();
  server.on('close', () => clearInterval(sweep));

  // Node does not know of these connections, but whoever ends the server ends them, too.
  const closeIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    closeIdle();
    for (const connection of connections) connection.closeIfIdle();
  };
  const closeAll = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    closeAll();
    for (const { socket } of connections) socket.destroy();
  };
}

function takeListeners(server: Server, event: 'connection' | 'request'): Listener[] {
  const listeners = server.listeners(event) as Listener[];
  server.removeAllListeners(event);
  return listeners;
}
