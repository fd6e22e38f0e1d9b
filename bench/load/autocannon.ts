import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import autocannon from 'autocannon';
import { BROWSER_HEADERS, type Load, type LoadGenerator, type LoadResult } from './load.types.ts';

const { version } = createRequire(import.meta.url)('autocannon/package.json') as {
  version: string;
};

/** What the types of autocannon do not say: names and values by turns. */
interface RawHead {
  statusCode: number;
  headers: string[];
}

/** For machines without wrk. It takes some three times the processor time of wrk for a request. */
export const AUTOCANNON: LoadGenerator = { name: `autocannon ${version}`, run };

function run(load: Load): Promise<LoadResult> {
  const targets = new Map(
    readFileSync(load.codesFile, 'utf8')
      .split('\n', load.codes)
      .map((line) => line.split('\t') as [string, string]),
  );
  const codes = [...targets.keys()];
  let wrong = 0;
  return new Promise((resolve, reject) => {
    autocannon(
      {
        url: load.url,
        connections: load.connections,
        duration: load.seconds,
        headers: { ...BROWSER_HEADERS },
        // A connection has one request under way, so its answer is that of the code it asked for last.
        setupClient: (client) => {
          let code = '';
          const next = (): void => {
            code = codes[Math.floor(Math.random() * codes.length)]!;
            client.setRequest({ method: 'GET', path: `/${code}` });
          };
          next();
          client.on('headers', (head) => {
            const { statusCode, headers } = head as unknown as RawHead;
            const at = headers.findIndex((name) => name.toLowerCase() === 'location');
            if (statusCode !== 302 || headers[at + 1] !== targets.get(code)) wrong += 1;
            next();
          });
        },
      },
      (error, result) => {
        if (error) return reject(error as Error);
        const { p50, p99, p99_9: p999 } = result.latency;
        const { errors, timeouts } = result;
        const answers = result.requests.total;
        resolve({
          answers,
          seconds: result.duration,
          wrong,
          failed: errors + timeouts,
          p50,
          p99,
          p999,
        });
      },
    );
  });
}
