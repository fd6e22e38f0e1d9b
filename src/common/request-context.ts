import { AsyncLocalStorage } from 'node:async_hooks';

/** Who does something: a user, an API key, or the service itself. */
export interface Actor {
  type: 'user' | 'api-key' | 'system';
  /** Null for the service itself. */
  id: string | null;
}

/** What belongs to the piece of work being done, wherever in the call tree it is asked for. */
export interface RequestScope {
  requestId?: string;
  /** Who has sent the request, for those who want to know. */
  client?: () => { address: string; userAgent: string; signal: AbortSignal };
  /** Who has proved to have sent it. */
  actor?: Actor;
  /** The open transaction of this request; set and read by the database module alone. */
  transaction?: unknown;
}

const storage = new AsyncLocalStorage<RequestScope>();
let open = 0;

/** The scope of the request being served, or undefined outside of one. */
export const currentRequest = (): RequestScope | undefined => storage.getStore();

/** Says who has proved to have sent the request being served. */
export function actAs(actor: Actor): void {
  const scope = storage.getStore();
  if (scope) scope.actor = actor;
}

/**
 * Opens a scope for the callback and everything asynchronous that it starts; call the returned
 * function when the request is over. On Node 20 a live AsyncLocalStorage slows every asynchronous
 * operation of the process (some 8 % of redirects), so it is switched off while nobody needs it.
 */
export function enterRequest(scope: RequestScope, callback: () => void): () => void {
  open += 1;
  let left = false;
  const leave = (): void => {
    if (left) return;
    left = true;
    open -= 1;
    if (open === 0) storage.disable();
  };
  try {
    storage.run(scope, callback);
  } catch (error) {
    leave();
    throw error;
  }
  return leave;
}

/** Runs the work in a scope that is the current one changed by `changes`. */
export async function withScope<T>(changes: RequestScope, work: () => Promise<T>): Promise<T> {
  let result: Promise<T> | undefined;
  const leave = enterRequest({ ...currentRequest(), ...changes }, () => {
    result = work();
  });
  try {
    return await result!;
  } finally {
    leave();
  }
}
