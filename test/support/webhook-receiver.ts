import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from './api.js';
import type { Fields } from './http-client.js';

export interface ReceivedWebhook {
  id: string;
  headers: IncomingHttpHeaders;
  text: string;
  body: Fields;
}

/** Somebody who is sent webhooks, and keeps all that come. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  /** What it answers; 204, unless a test wants something else. */
  answer: (webhook: ReceivedWebhook, response: ServerResponse) => void = (_webhook, response) =>
    response.writeHead(204).end();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const receiver = new WebhookReceiver(server, `http://127.0.0.1:${port}/hook`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const id = request.headers['webhook-id'] as string;
        const webhook = { id, headers: request.headers, text, body: JSON.parse(text) as Fields };
        receiver.received.push(webhook);
        receiver.answer(webhook, response);
      });
    });
    return receiver;
  }

  /** What has come once there are so many, or after the time is over. */
  wait(count: number, withinMs = 10_000): Promise<ReceivedWebhook[]> {
    return eventually(
      () => Promise.resolve(this.received),
      (received) => received.length >= count,
      withinMs,
    );
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}
