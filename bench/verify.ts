import { setTimeout as sleep } from 'node:timers/promises';
import type { CodeSet } from './code-set.ts';
import { BROWSER_HEADERS } from './load/load.types.ts';

const SAMPLE = 2_000;
const AT_ONCE = 50;

/**
 * Asks for a sample of the codes and holds each answer against its own target, which a load
 * generator can only do for all answers together. Returns how many redirects it got.
 */
export async function verify(url: string, { codes, urls }: CodeSet): Promise<number> {
  const step = Math.max(1, Math.floor(codes.length / SAMPLE));
  const sample = [...codes.keys()].filter((index) => index % step === 0).values();
  let checked = 0;
  const check = async (): Promise<void> => {
    for (const index of sample) {
      let response = await ask(`${url}/${codes[index]}`);
      // The database may be slow at first; Retry-After says so.
      for (let tries = 0; response.status === 503 && tries < 5; tries += 1) {
        await sleep(1_000);
        response = await ask(`${url}/${codes[index]}`);
      }
      const location = response.headers.get('location');
      if (response.status !== 302 || location !== urls[index]) {
        throw new Error(`${url}/${codes[index]} answers ${response.status} ${location}`);
      }
      checked += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, check));
  return checked;
}

async function ask(url: string): Promise<Response> {
  const response = await fetch(url, { redirect: 'manual', headers: BROWSER_HEADERS });
  await response.arrayBuffer();
  return response;
}
