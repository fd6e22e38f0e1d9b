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
      const response = await fetch(`${url}/${codes[index]}`, {
        redirect: 'manual',
        headers: BROWSER_HEADERS,
      });
      await response.arrayBuffer();
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
