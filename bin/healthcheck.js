import { request } from 'node:http';
import { completedFrom, readDotEnv } from '../dist/config/dot-env.js';

/** `signpost healthcheck`: runs every few seconds, so it loads nothing of the application. */
const WITHIN_MS = 3_000;
/** Whoever listens on every address listens on this one. */
const LOOPBACK = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function ask({ HOST = '127.0.0.1', PORT = '3000' }) {
  const options = {
    host: LOOPBACK[HOST] ?? HOST,
    port: PORT,
    path: '/health/live',
    signal: AbortSignal.timeout(WITHIN_MS),
  };
  return new Promise((resolve, reject) => {
    request(options, (answer) => resolve(answer.resume().statusCode))
      .once('error', reject)
      .end();
  });
}

try {
  const status = await ask(completedFrom(readDotEnv(process.env, process.cwd()), process.env));
  if (status !== 200) throw new Error(`/health/live answered ${status}`);
  process.exit(0);
} catch (error) {
  const reason = error.name === 'AbortError' ? `no answer in ${WITHIN_MS} ms` : error.message;
  process.stderr.write(`unhealthy: ${reason}\n`);
  process.exit(1);
}
