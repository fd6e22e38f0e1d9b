import cluster from 'node:cluster';
import { basename } from 'node:path';
import type { AppConfig } from '../../config/app-config.js';
import { doubtfulSettings } from '../../config/misspelled-settings.js';
import { VERSION } from '../common/version.js';
import type { AppLogger } from '../platform/observability/app.logger.js';

const LAUNCHER = 'bin/signpost.js';

/** Of one process and of a supervisor, not of each worker. */
export function warnOfDoubtfulSettings(logger: AppLogger): void {
  if (cluster.isWorker) return;
  if (basename(process.argv[1] ?? '', '.js') === 'main') {
    logger.warn(
      `Node.js runs without the options that redirects need to be fast; start ${LAUNCHER} instead`,
      'Config',
    );
  }
  for (const doubt of doubtfulSettings(process.env)) logger.warn(doubt, 'Config');
}

/** Says where everything is: in words to a person at a terminal, in one line to a log. */
export function welcome(
  { server, operations }: Pick<AppConfig, 'server' | 'operations'>,
  listeningOn: string,
  logger: AppLogger,
): void {
  const { publicUrl } = server;
  const urls = {
    api: `${publicUrl}/api/v1`,
    docs: `${publicUrl}/${operations.docs === 'on' ? 'docs' : 'openapi.json'}`,
    health: `${publicUrl}/health`,
  };
  if (!logger.isPretty) {
    logger.log({ msg: `Signpost ${VERSION} listens on ${listeningOn}`, ...urls }, 'Signpost');
    return;
  }
  process.stdout.write(`
  Signpost ${VERSION} listens on ${listeningOn}

    API     ${urls.api}
    Docs    ${urls.docs}
    Health  ${urls.health}

  Try it: make an account, whose accessToken the other calls want as "authorization: Bearer …"

    curl -s ${urls.api}/auth/register -H 'content-type: application/json' \\
      -d '{"email":"you@example.com","password":"correct horse battery staple"}'

`);
}
