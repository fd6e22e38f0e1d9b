import { setTimeout as sleep } from 'node:timers/promises';

/**
 * npm run ci:smoke, with the address in PUBLIC_URL: what visitors and integrators need answers there. It
 * leaves nothing behind. SMOKE_CODE may name a link that has to redirect, and WITHIN_SECONDS tells how long a
 * load balancer may take (60).
 */
const WITHIN_MS = Number(process.env['WITHIN_SECONDS'] || 60) * 1_000;
const url = process.env['PUBLIC_URL']?.replace(/\/+$/, '');
const code = process.env['SMOKE_CODE'];

/** The path, the status that it must have, and what its body must tell. */
const EXPECTED = [
  ['/openapi.json', 200, (body) => JSON.parse(body).openapi.startsWith('3.')],
  ['/api/v1/links', 401, (body) => JSON.parse(body).status === 401],
  ['/no-such-code-0', 404, () => true],
  ...(code ? [[`/${code}`, 302, () => true]] : []),
];

async function ask([path, status, isRight]) {
  const answer = await fetch(url + path, {
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
  });
  if (answer.status !== status) throw new Error(`${path}: ${answer.status} instead of ${status}`);
  if (!isRight(await answer.text())) throw new Error(`${path}: not the answer of Signpost`);
}

async function main() {
  if (!url) throw new Error('PUBLIC_URL is not set');
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      for (const expected of EXPECTED) await ask(expected);
      return console.log(`${url} answers as it should`);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(1_000);
    }
  }
}

try {
  await main();
} catch (error) {
  console.error(`${url}: ${error.message} ${error.cause?.code ?? ''}`);
  process.exitCode = 1;
}
