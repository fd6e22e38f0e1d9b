import { randomBytes } from 'node:crypto';

const PASSWORD = 'a password for the bench';

/** Somebody who uses the API of a Signpost. */
export class ApiUser {
  private constructor(
    private readonly api: string,
    readonly email: string,
    readonly id: string,
    private readonly token: string,
  ) {}

  static async register(url: string): Promise<ApiUser> {
    const api = `${url}/api/v1`;
    const email = `${randomBytes(8).toString('hex')}@example.com`;
    const { user, accessToken } = (await send(`${api}/auth/register`, {
      email,
      password: PASSWORD,
    })) as { user: { id: string }; accessToken: string };
    return new ApiUser(api, email, user.id, accessToken);
  }

  async login(): Promise<void> {
    await send(`${this.api}/auth/login`, { email: this.email, password: PASSWORD });
  }

  /** Makes a link and returns its code. */
  async shorten(): Promise<string> {
    const link = { url: `https://example.com/${randomBytes(6).toString('hex')}` };
    return ((await send(`${this.api}/links`, link, this.token)) as { code: string }).code;
  }

  async read(path: string): Promise<void> {
    await send(`${this.api}${path}`, undefined, this.token);
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
