import { request } from 'node:http';
import { BROWSER } from './api.js';

interface HostAnswer {
  status: number;
  location?: string;
  text: string;
}

/** What a visitor gets who asks for the path on a host; `Connection: close` is answered by Node's HTTP. */
export function askHost(
  baseUrl: string,
  host: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<HostAnswer> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const sent = { 'user-agent': BROWSER, connection: 'keep-alive', host, ...headers };
    request({ hostname, port, path, headers: sent, setHost: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        const { statusCode: status = 0, headers: got } = response;
        resolve({ status, location: got.location, text });
      });
    })
      .on('error', reject)
      .end();
  });
}
