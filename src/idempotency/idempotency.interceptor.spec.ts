import { describe, expect, it } from '@jest/globals';
import { StreamableFile, type CallHandler, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { lastValueFrom, of } from 'rxjs';
import { ProblemError } from '../common/problem/problem.error.js';
import { WithoutIdempotencyKey } from '../common/without-idempotency-key.decorator.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import type { IdempotencyService } from './idempotency.service.js';
import type { Answer, KeyedRequest, Outcome } from './idempotency.types.js';

class FakeReply {
  sent = false;
  statusCode = 200;
  readonly sentHeaders: Record<string, unknown> = {};

  status(code: number): this {
    this.statusCode = code;
    return this;
  }
  header(name: string, value: unknown): this {
    this.sentHeaders[name.toLowerCase()] = value;
    return this;
  }
  headers(values: Record<string, unknown>): this {
    for (const [name, value] of Object.entries(values)) this.header(name, value);
    return this;
  }
  getHeader(name: string): unknown {
    return this.sentHeaders[name];
  }
}

/** Runs the handler, or answers what it was told to. */
class FakeService {
  seen?: KeyedRequest;
  answer?: Answer;

  constructor(private readonly outcome?: Outcome) {}

  async run(request: KeyedRequest, handler: () => Promise<Answer>): Promise<Outcome> {
    this.seen = request;
    if (this.outcome) return this.outcome;
    this.answer = await handler();
    return { answer: this.answer, replayed: false };
  }
}

const request = {
  method: 'POST',
  url: '/api/v1/links?x=1',
  headers: { 'idempotency-key': 'k' },
  raw: { headersDistinct: { 'idempotency-key': ['k'] } },
  body: { a: 1 },
  user: { id: 'u1' },
};

class Controller {
  handle(): void {}
}

@WithoutIdempotencyKey()
class SecretController extends Controller {}

function intercept(
  service: FakeService,
  reply: FakeReply,
  body: unknown = { id: 1 },
  from: object = request,
  controller: typeof Controller = Controller,
): Promise<unknown> {
  const http = { getRequest: () => from, getResponse: () => reply };
  const context = {
    getType: () => 'http',
    switchToHttp: () => http,
    getClass: () => controller,
    getHandler: () => controller.prototype.handle,
  };
  const next: CallHandler = { handle: () => of(body) };
  const interceptor = new IdempotencyInterceptor(
    service as unknown as IdempotencyService,
    new Reflector(),
  );
  return lastValueFrom(interceptor.intercept(context as unknown as ExecutionContext, next));
}

describe(IdempotencyInterceptor.name, () => {
  it.each([
    ['a POST without the header', { ...request, headers: {} }],
    ['a PATCH with the header', { ...request, method: 'PATCH' }],
    ['a stranger', { ...request, user: undefined }],
  ])('leaves %s alone', async (_name, from) => {
    const service = new FakeService();
    expect(await intercept(service, new FakeReply(), { id: 1 }, from)).toEqual({ id: 1 });
    expect(service.seen).toBeUndefined();
  });

  it('leaves a route alone whose answers must not be stored', async () => {
    const service = new FakeService();
    await intercept(service, new FakeReply(), {}, request, SecretController);
    expect(service.seen).toBeUndefined();
  });

  it('describes the request by its user, key, method, path and body', async () => {
    const service = new FakeService();
    await intercept(service, new FakeReply());
    expect(service.seen).toEqual({
      userId: 'u1',
      key: 'k',
      method: 'POST',
      path: '/api/v1/links?x=1',
      body: { a: 1 },
    });
  });

  it('refuses a bad key before anything runs', async () => {
    const service = new FakeService();
    const twice = { ...request, raw: { headersDistinct: { 'idempotency-key': ['k', 'l'] } } };
    await expect(intercept(service, new FakeReply(), {}, twice)).rejects.toMatchObject({
      code: 'invalid-request',
    });
    expect(service.seen).toBeUndefined();
  });

  it('hands over the status, the headers that matter and the body', async () => {
    const service = new FakeService();
    const reply = new FakeReply().status(201).headers({ location: '/1', etag: '"1"', 'x-id': '7' });
    expect(await intercept(service, reply)).toEqual({ id: 1 });
    expect(service.answer).toEqual({
      status: 201,
      headers: { location: '/1', etag: '"1"' },
      body: { id: 1 },
    });
    expect(reply.sentHeaders).not.toHaveProperty('idempotency-replayed');
  });

  it('sends a replay as the first answer was sent, and says that it is one', async () => {
    const answer = { status: 201, headers: { location: '/1' }, body: { id: 7 } };
    const reply = new FakeReply();
    expect(await intercept(new FakeService({ answer, replayed: true }), reply)).toEqual({ id: 7 });
    expect(reply.statusCode).toBe(201);
    expect(reply.sentHeaders).toEqual({ location: '/1', 'idempotency-replayed': 'true' });
  });

  it('throws a replayed refusal, and says that it is one', async () => {
    const refusal = new ProblemError('code-taken');
    const reply = new FakeReply();
    const service = new FakeService({ refusal, replayed: true });
    await expect(intercept(service, reply)).rejects.toBe(refusal);
    expect(reply.sentHeaders).toEqual({ 'idempotency-replayed': 'true' });
  });

  it('refuses to store what cannot be replayed', async () => {
    const file = new StreamableFile(Buffer.from('x'));
    await expect(intercept(new FakeService(), new FakeReply(), file)).rejects.toThrow(TypeError);
  });
});
