import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fields, HttpClient } from './http-client.js';

/** What a browser calls itself; anything else may be taken for a bot. */
export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** A registered user with an API client: what most tests begin with. */
export class TestUser {
  private constructor(
    readonly client: HttpClient,
    readonly token: string,
  ) {}

  static async register(baseUrl: string): Promise<TestUser> {
    const client = await HttpClient.connect(baseUrl);
    const email = `${randomBytes(8).toString('hex')}@example.com`;
    const { body } = await client.post('/api/v1/auth/register', {
      email,
      password: 'a'.repeat(12),
    });
    return new TestUser(client, body['accessToken'] as string);
  }

  get(path: string, headers?: Record<string, string>) {
    return this.client.get(`/api/v1${path}`, { token: this.token, headers });
  }

  post(path: string, body: unknown, headers?: Record<string, string>) {
    return this.client.post(`/api/v1${path}`, body, { token: this.token, headers });
  }

  patch(path: string, body: unknown, headers?: Record<string, string>) {
    return this.client.patch(`/api/v1${path}`, body, { token: this.token, headers });
  }

  delete(path: string, headers?: Record<string, string>) {
    return this.client.delete(`/api/v1${path}`, { token: this.token, headers });
  }

  /** Makes a link and returns it. */
  async shorten(link: object = {}): Promise<Fields> {
    const { status, body } = await this.post('/links', { url: 'https://example.com/', ...link });
    if (status !== 201) throw new Error(`the link was not made: ${JSON.stringify(body)}`);
    return body;
  }

  /** The totals of the link once they have so many clicks, or after the time is over. */
  async totals(linkId: string, clicks: number, withinMs = 2_000): Promise<Fields> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const { body } = await this.get(`/links/${linkId}/stats`);
      // A database that has just come back may refuse once more.
      const totals = (body['totals'] ?? { clicks: 0 }) as Fields;
      if (totals['clicks'] >= clicks || Date.now() > deadline) return totals;
      await sleep(50);
    }
  }
}

/** Follows a short link as a browser does, without following the redirect. */
export async function follow(
  baseUrl: string,
  code: string,
  headers: Record<string, string> = {},
  method = 'GET',
  signal?: AbortSignal,
): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(`${baseUrl}/${code}`, {
    method,
    redirect: 'manual',
    headers: { 'user-agent': BROWSER, ...headers },
    signal,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What /health (or /health/live and so on) says, and with which status. */
export async function health(baseUrl: string, path = ''): Promise<[status: number, body: Fields]> {
  const response = await fetch(`${baseUrl}/health${path}`, { signal: AbortSignal.timeout(10_000) });
  return [response.status, (await response.json()) as Fields];
}

/** Tries until it holds or the time is over; returns the last answer. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (answer: T) => boolean,
  withinMs = 2_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isRight(answer) || Date.now() > deadline) return answer;
    await sleep(25);
  }
}
