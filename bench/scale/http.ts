import { Agent, request } from 'node:http';
import { BROWSER } from '../../test/support/api.ts';

const agent = new Agent({ keepAlive: true });

export interface Answer {
  status: number;
  location: string | undefined;
  text: string;
}

/** Asks on a connection that stays open, as clients and proxies do. */
export function ask(url: string, token?: string, body?: object): Promise<Answer> {
  const headers = {
    'user-agent': BROWSER,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body && { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const method = body ? 'POST' : 'GET';
    request(url, { agent, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        resolve({ status: response.statusCode!, location: response.headers.location, text });
      });
      response.on('error', reject);
    })
      .on('error', reject)
      .end(body && JSON.stringify(body));
  });
}
