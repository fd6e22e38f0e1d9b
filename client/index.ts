import createFetchClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './openapi.js';

export type { components, operations, paths } from './openapi.js';

/** What the API answers with, by the names of its OpenAPI document: `Schemas['LinkResponse']`. */
export type Schemas = components['schemas'];

export interface ClientOptions {
  /** Where Signpost is, without `/api/v1`: https://go.example.com */
  url: string;
  /** An API key, or the access token of a session. */
  token: string;
}

/**
 * A client of Signpost's API whose paths, parameters, bodies and answers are checked by the compiler. Refusals
 * are not thrown: each call has `data` or `error`, a problem with `code` and `detail`.
 */
export const createClient = ({ url, token }: ClientOptions): Client<paths> =>
  createFetchClient<paths>({
    baseUrl: url.replace(/\/$/, ''),
    // Lists in a query are written with commas.
    querySerializer: { array: { style: 'form', explode: false } },
    headers: { authorization: `Bearer ${token}` },
  });

/** Thrown by `dataOf` for whoever would rather catch. */
export class ApiError extends Error {
  constructor(readonly problem: Schemas['ProblemResponse']) {
    super(`${problem.code}: ${problem.detail ?? problem.title}`);
    this.name = 'ApiError';
  }
}

/** What was answered. @throws ApiError if it was refused */
export function dataOf<Data>(answer: {
  data?: Data;
  error?: Schemas['ProblemResponse'];
}): NonNullable<Data> {
  if (answer.error !== undefined) throw new ApiError(answer.error);
  return answer.data as NonNullable<Data>;
}

/** The items of a list, page by page, as they are asked for. */
export async function* pages<Item>(
  read: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor: string | null }>,
): AsyncGenerator<Item[]> {
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await read(cursor);
    yield items;
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
}
