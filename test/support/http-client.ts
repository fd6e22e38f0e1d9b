import type { OpenAPIObject } from '@nestjs/swagger';
import { expectConforms } from './openapi-contract.js';

export interface HttpAnswer<Body> {
  status: number;
  headers: Headers;
  /** Parsed if it is JSON, else the text; undefined if there was none. */
  body: Body;
  text: string;
}

export interface HttpOptions {
  token?: string;
  headers?: Record<string, string>;
}

/** What most answers look like to a test: fields by name. */
export type Fields = Record<string, any>;

/** Asks the server as an integrator would, and holds every answer against its OpenAPI document. */
export class HttpClient {
  private constructor(
    readonly baseUrl: string,
    private readonly document: OpenAPIObject,
  ) {}

  static async connect(baseUrl: string): Promise<HttpClient> {
    const response = await fetch(`${baseUrl}/openapi.json`);
    return new HttpClient(baseUrl, (await response.json()) as OpenAPIObject);
  }

  get<Body = Fields>(path: string, options?: HttpOptions): Promise<HttpAnswer<Body>> {
    return this.request('GET', path, undefined, options);
  }

  head<Body = Fields>(path: string, options?: HttpOptions): Promise<HttpAnswer<Body>> {
    return this.request('HEAD', path, undefined, options);
  }

  post<Body = Fields>(
    path: string,
    body?: unknown,
    options?: HttpOptions,
  ): Promise<HttpAnswer<Body>> {
    return this.request('POST', path, body, options);
  }

  patch<Body = Fields>(
    path: string,
    body?: unknown,
    options?: HttpOptions,
  ): Promise<HttpAnswer<Body>> {
    return this.request('PATCH', path, body, options);
  }

  put<Body = Fields>(
    path: string,
    body?: unknown,
    options?: HttpOptions,
  ): Promise<HttpAnswer<Body>> {
    return this.request('PUT', path, body, options);
  }

  delete<Body = Fields>(path: string, options?: HttpOptions): Promise<HttpAnswer<Body>> {
    return this.request('DELETE', path, undefined, options);
  }

  /** A string is sent as it is, anything else as JSON. */
  async request<Body = Fields>(
    method: string,
    path: string,
    body?: unknown,
    { token, headers = {} }: HttpOptions = {},
  ): Promise<HttpAnswer<Body>> {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const answer = {
      status: response.status,
      headers: response.headers,
      body: parse(text, response),
    };
    expectConforms(this.document, { ...answer, method, path: path.split('?', 1)[0]! });
    return { ...answer, body: answer.body as Body, text };
  }
}

function parse(text: string, { headers }: Response): unknown {
  if (text === '') return undefined;
  return /[/+]json\b/.test(headers.get('content-type') ?? '') ? JSON.parse(text) : text;
}
