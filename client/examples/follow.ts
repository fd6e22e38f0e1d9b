import { createClient, dataOf, type ClientOptions } from '../index.js';

/**
 * Prints what happens to the links of a workspace, from the event `after` on, and returns the last event that it
 * has seen: start there the next time, and none is missed. A webhook tells the same without being asked.
 */
export async function follow(
  options: ClientOptions,
  print: (line: string) => void,
  workspaceId: string,
  after?: string,
): Promise<string | undefined> {
  const client = createClient(options);
  let last = after;
  for (;;) {
    const { items } = dataOf(
      await client.GET('/api/v1/workspaces/{id}/events', {
        params: { path: { id: workspaceId }, query: { after: last } },
      }),
    );
    for (const { type, timestamp, id } of items) {
      print(`${timestamp}\t${type}`);
      last = id;
    }
    if (items.length === 0) return last;
  }
}
