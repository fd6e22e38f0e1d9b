import { readFileSync } from 'node:fs';

/** What went wrong, in words for a shell. */
export class ApiFailure extends Error {}

/** Where the API is, and who asks; the key is never an argument, which everybody on the machine sees. */
export interface ApiAccess {
  url: string;
  apiKey: string;
}

/** The API key of the environment variable SIGNPOST_API_KEY, or of the file that SIGNPOST_API_KEY_FILE names. */
export function apiKeyOf(env: NodeJS.ProcessEnv): string {
  const file = env['SIGNPOST_API_KEY_FILE'];
  const key = file === undefined ? env['SIGNPOST_API_KEY'] : readFileSync(file, 'utf8');
  if (key?.trim()) return key.trim();
  throw new ApiFailure(
    'set SIGNPOST_API_KEY, or SIGNPOST_API_KEY_FILE to the name of a file with it',
  );
}

interface ApiRequest {
  headers?: Record<string, string>;
  body?: Buffer;
}

/** Asks the API of a service, wherever it runs; a busy one is asked again. */
export class ApiClient {
  constructor(private readonly access: ApiAccess) {}

  /** @throws ApiFailure for all answers but 2xx */
  async request(method: string, path: string, init: ApiRequest = {}): Promise<Response> {
    const url = `${this.access.url.replace(/\/+$/, '')}/api/v1${path}`;
    for (;;) {
      const response = await fetch(url, {
        ...init,
        method,
        headers: { ...init.headers, authorization: `Bearer ${this.access.apiKey}` },
      }).catch((error: Error) => {
        throw new ApiFailure(`${url} cannot be reached: ${causeOf(error)}`);
      });
      const rest = Number(response.headers.get('retry-after'));
      if ((response.status !== 429 && response.status !== 503) || !(rest > 0) || method !== 'GET') {
        if (response.ok) return response;
        throw new ApiFailure(await detailOf(response));
      }
      await new Promise((resolve) => setTimeout(resolve, rest * 1000));
    }
  }

  async json<Body>(method: string, path: string, init?: ApiRequest): Promise<Body> {
    return (await (await this.request(method, path, init)).json()) as Body;
  }
}

async function detailOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => ({}))) as {
    detail?: string;
    errors?: { pointer: string; detail: string }[];
  };
  const fields = body.errors?.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
  return [`the service answered ${response.status}`, body.detail, fields]
    .filter(Boolean)
    .join(': ');
}

const causeOf = (error: Error): string =>
  error.cause instanceof Error ? error.cause.message : error.message;
