import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { type Contender, MemoryServer, type Surroundings } from './contender.ts';
import { ServerProcess } from './server-process.ts';

export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).status === 0;

/** The limit of what is not Node.js: nginx with a map, one process as the others. */
export class Nginx extends MemoryServer implements Contender {
  readonly name = 'nginx';
  readonly title = 'nginx, map';

  constructor(private readonly around: Surroundings) {
    super();
  }

  async start(): Promise<void> {
    const port = await freePort();
    const { codes, cores, directory } = this.around;
    const files = join(directory, this.name);
    mkdirSync(files);
    const links = codes.codes.map(
      (code, index) => `/${code} ${JSON.stringify(codes.urls[index])};`,
    );
    writeFileSync(join(files, 'links.map'), links.join('\n'));
    writeFileSync(join(files, 'nginx.conf'), configuration(files, port));
    this.url = `http://127.0.0.1:${port}`;
    const command = ['nginx', '-p', files, '-c', join(files, 'nginx.conf')];
    this.server = new ServerProcess(command, {}, cores.server);
    await this.server.start(`${this.url}/${codes.codes[0]}`, 302);
  }
}

const configuration = (files: string, port: number): string => `
daemon off;
master_process off;
pid ${files}/pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${files}/${of};`).join('\n  ')}
  map_hash_max_size 1048576;
  map_hash_bucket_size 256;
  map $uri $target { include ${files}/links.map; }
  server {
    listen 127.0.0.1:${port};
    add_header Cache-Control "private, no-store";
    location / {
      if ($target = "") { return 404; }
      return 302 $target;
    }
  }
}
`;
