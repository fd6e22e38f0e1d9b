import type { ServerConfig } from '../config/server.config.js';
import { VERSION } from './common/version.js';
import type { AppLogger } from './observability/app.logger.js';

/** Says where everything is: in words to a person at a terminal, in one line to a log. */
export function welcome({ publicUrl }: ServerConfig, listeningOn: string, logger: AppLogger): void {
  const urls = {
    api: `${publicUrl}/api/v1`,
    docs: `${publicUrl}/docs`,
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
