import { createClient, dataOf, type ClientOptions } from '../index.js';

/** What another system knows of a page that is to have a short link. */
export interface Product {
  id: string;
  name: string;
  url: string;
}

/** As many as a batch takes. */
const OPERATIONS = 500;

/**
 * Gives every product its short link, and keeps it up to date: run it as often as you like. Returns the short
 * URLs by the ids of the products; those that were refused are printed.
 */
export async function sync(
  options: ClientOptions,
  print: (line: string) => void,
  products: Product[],
): Promise<Map<string, string>> {
  const client = createClient(options);
  const shortUrls = new Map<string, string>();
  for (let from = 0; from < products.length; from += OPERATIONS) {
    const some = products.slice(from, from + OPERATIONS);
    const operations = some.map(({ id, name, url }) => ({
      op: 'upsert' as const,
      externalId: id,
      link: { url, title: name, tags: ['product'] },
    }));
    const { results } = dataOf(await client.POST('/api/v1/links/batch', { body: { operations } }));
    for (const { index, link, problem } of results) {
      const { id } = some[index]!;
      if (link) shortUrls.set(id, link.shortUrl);
      else {
        const reasons = problem?.errors?.map(({ detail }) => detail) ?? [problem?.detail];
        print(`${id}\t${reasons.join('; ')}`);
      }
    }
  }
  return shortUrls;
}
