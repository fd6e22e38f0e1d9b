import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import autocannon from 'autocannon';
import { BROWSER_HEADERS, type Load, type LoadGenerator, type LoadResult } from './load.types.ts';

const { version } = createRequire(import.meta.url)('autocannon/package.json') as {
  version: string;
};

/** For machines without wrk. It takes some three times the processor time of wrk for a request. */
export const AUTOCANNON: LoadGenerator = {
  name: `autocannon ${version}`,
  hasOwnProcess: false,
  run,
};

function run(load: Load): Promise<LoadResult> {
  const targets = new Map(
    readFileSync(load.codesFile, 'utf8')
      .split('\n', load.codes)
      .map((line) => line.split('\t') as [string, string]),
  );
  const codes = [...targets.keys()];
  let wrong = 0;
  let place = load.inOrderFrom;
  const nextCode = (): string =>
    codes[place === undefined ? Math.floor(Math.random() * codes.length) : place++ % codes.length]!;
  return new Promise((resolve, reject) => {
    autocannon(
      {
        url: load.url,
        connections: load.connections,
        duration: load.seconds,
        headers: { ...BROWSER_HEADERS },
        ...(load.thinkMs && { overallRate: (load.connections / load.thinkMs) * 1_000 }),
        // The context is that of a connection, which has one request under way.
        requests: [
          {
            method: 'GET',
            setupRequest: (request, context) => {
              const code = nextCode();
              Object.assign(context, { code });
              return { ...request, path: `/${code}` };
            },
            onResponse: (status, _body, context, headers) => {
              const location = headers?.['location'] ?? headers?.['Location'];
              const { code } = context as { code: string };
              if (status !== 302 || location !== targets.get(code)) wrong += 1;
            },
          },
        ],
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
