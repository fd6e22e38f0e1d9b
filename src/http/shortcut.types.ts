import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** What a shortcut is shown of a GET. */
export interface ShortcutRequest {
  url: string;
  headers: IncomingHttpHeaders;
  socket: Pick<Socket, 'remoteAddress'>;
}

/** Sends the visitor on. */
export type SendRedirect = (status: number, location: string) => void;

/** Answers a GET, now or later, and returns true; or returns false and leaves it alone. */
export type Shortcut = (request: ShortcutRequest, redirect: SendRedirect) => boolean;
