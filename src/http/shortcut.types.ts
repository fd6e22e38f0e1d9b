import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** What a shortcut is shown of a GET. */
export interface ShortcutRequest {
  url: string;
  headers: IncomingHttpHeaders;
  socket: Pick<Socket, 'remoteAddress'>;
}

/** How a shortcut ends. */
export interface ShortcutReply {
  /** Sends the visitor on. */
  redirect(status: number, location: string): void;
  /** Lets the framework answer. */
  leave(): void;
}

/** Ends each request in one of the two ways, at once or later. */
export type Shortcut = (request: ShortcutRequest, reply: ShortcutReply) => void;

/** Says whether a new connection may stay, and closes it otherwise. */
export type Admits = (socket: Socket) => boolean;
