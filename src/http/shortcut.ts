import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { hasOneHost, refuseHost } from './host-header.js';
import { NodeConnection } from './node-connection.js';
import { PlainConnection, type PlainConnectionOwner } from './plain-connection.js';
import { RedirectAnswers } from './redirect-answers.js';
import type { Headers } from './security-headers.js';
import type { Admits, Shortcut, ShortcutReply, ShortcutRequest } from './shortcut.types.js';

type Listener = (...args: unknown[]) => void;

/**
 * Lets `shortcut` look at every GET before the framework does: what the framework does for a request
 * (routing, hooks, its own request and reply) costs more than a redirect itself. And before Node
 * does, while a connection asks for nothing else: its HTTP costs more than the redirect, too.
 * @param headersOfAll which every answer has, the framework's as well
 * @param admits whether a new connection may stay
 */
export function addShortcut(
  server: Server,
  shortcut: Shortcut,
  headersOfAll: Headers = {},
  admits: Admits = () => true,
): void {
  const frameworkListeners = takeListeners(server, 'request');
  const redirectWith = redirectsWith(headersOfAll);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    NodeConnection.of(request.socket)?.begin(request, response);
    const hasHost = hasOneHost(request);
    const leave = (): void => {
      for (const name in headersOfAll) response.setHeader(name, headersOfAll[name]!);
      if (!hasHost) return refuseHost(request, response);
      for (const listener of frameworkListeners) listener.call(server, request, response);
    };
    if (request.method !== 'GET' || !hasHost) leave();
    else shortcut(request as ShortcutRequest, { redirect: redirectWith(response), leave });
  });
  addPlainConnections(server, shortcut, headersOfAll, admits);
}

function redirectsWith(headersOfAll: Headers) {
  return (response: ServerResponse): ShortcutReply['redirect'] =>
    (status, location) => {
      response
        .writeHead(status, {
          location,
          'cache-control': 'private, no-store',
          ...headersOfAll,
          'content-length': '0',
        })
        .end();
    };
}

function addPlainConnections(
  server: Server,
  shortcut: Shortcut,
  headersOfAll: Headers,
  admits: Admits,
): void {
  const connections = new Set<PlainConnection>();
  const nodeListeners = takeListeners(server, 'connection');
  const owner: PlainConnectionOwner = {
    shortcut,
    answers: new RedirectAnswers(server.keepAliveTimeout, headersOfAll),
    forget: (connection) => connections.delete(connection),
    takeOver: (connection) => {
      connections.delete(connection);
      const { socket } = connection;
      for (const listener of nodeListeners) listener.call(server, socket);
      NodeConnection.attach(socket);
    },
  };
  server.on('connection', (socket: Socket) => {
    if (admits(socket)) connections.add(new PlainConnection(socket, owner));
  });
  // Who has sent a request and then an end is answered all the same; a switch that Node's types lack.
  Object.assign(server, { httpAllowHalfOpen: true });
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
