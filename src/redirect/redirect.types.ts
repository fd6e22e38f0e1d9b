import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** What a redirect needs of the request of a visitor, however it was read. */
export interface VisitorRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  socket: Pick<Socket, 'remoteAddress'>;
}

/** What a preview needs of a link that a redirect does not. */
export interface LinkDetails {
  domain: string;
  code: string;
  title: string | null;
  createdAt: Date;
}

/** What somebody may know of a link before they follow it. */
export interface Preview {
  shortUrl: string;
  /** Of one with a password nothing else is told. */
  hasPassword: boolean;
  /** Where it leads; null if it has a password. */
  url: string | null;
  /** Whether it leads some visitors elsewhere. */
  hasOtherTargets: boolean;
  title: string | null;
  createdAt: Date | null;
}

/** Why a short link does not redirect. */
export type Refusal =
  | 'not_found'
  | 'no_path'
  | 'gone'
  | 'switched_off'
  | 'disabled'
  | 'blocked'
  | 'locked'
  | 'limited'
  | 'unavailable';

/** The answer of the route, which says all that is to be said. */
export interface WholeAnswer {
  redirect(status: number, location: string): void;
  refuse(refusal: Refusal, cause?: unknown): void;
  leave?: undefined;
}

/** The answer of the fast path, which can only redirect. */
export interface FastAnswer {
  redirect(status: number, location: string): void;
  /** Hands the request over to the route, which decides again: nothing is spent or counted before. */
  leave(): void;
  refuse?: undefined;
}

export type RedirectAnswer = WholeAnswer | FastAnswer;
