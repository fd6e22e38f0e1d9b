import { randomBytes } from 'node:crypto';

const PASSWORD = 'a password for the bench';
/** Servers in production ask for it of their first user. */
export const SETUP_TOKEN = 'the first user of the bench';

/** What identifies a user, to be handed from thread to thread. */
export interface Credentials {
  api: string;
  email: string;
  id: string;
  token: string;
}

/** Somebody who uses the API of a Signpost. */
export class ApiUser {
  constructor(readonly credentials: Credentials) {}

  static async register(url: string): Promise<ApiUser> {
    const api = `${url}/api/v1`;
    const email = `${randomBytes(8).toString('hex')}@example.com`;
    const { user, accessToken } = (await send(`${api}/auth/register`, {
      email,
      password: PASSWORD,
      setupToken: SETUP_TOKEN,
    })) as { user: { id: string }; accessToken: string };
    return new ApiUser({ api, email, id: user.id, token: accessToken });
  }

  async login(): Promise<void> {
    const { api, email } = this.credentials;
    await send(`${api}/auth/login`, { email, password: PASSWORD });
  }

  /** Makes a link and returns its code. */
  async shorten(): Promise<string> {
    const link = { url: `https://example.com/${randomBytes(6).toString('hex')}` };
    const { api, token } = this.credentials;
    return ((await send(`${api}/links`, link, token)) as { code: string }).code;
  }

  async read(path: string): Promise<void> {
    const { api, token } = this.credentials;
    await send(`${api}${path}`, undefined, token);
  }
}

async function send(url: string, body?: object, token?: string): Promise<unknown> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${text}`);
  return JSON.parse(text);
}
