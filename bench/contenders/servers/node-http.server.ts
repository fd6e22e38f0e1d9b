import { createServer } from 'node:http';
import { port, readCodes } from './codes.ts';

/** The limit of the platform: node:http and a map. */
const codes = readCodes();

createServer((request, response) => {
  const url = codes.get(request.url!.slice(1));
  if (url === undefined) response.writeHead(404).end();
  else response.writeHead(302, { location: url, 'cache-control': 'private, no-store' }).end();
}).listen(port, '127.0.0.1');
