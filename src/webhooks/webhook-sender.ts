import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { OutboundClient } from '../platform/outbound/outbound-client.js';
import { OutboundError } from '../platform/outbound/outbound.error.js';
import { signedHeaders } from './signature.js';
import type { Attempt, DueDelivery } from './webhooks.types.js';

const TIMEOUT_MS = 15_000;
/** Of the answer, for the log: as much as an error page needs to say what is wrong. */
const ANSWER_BYTES = 1_024;

export interface Outcome {
  attempt: Attempt;
  /** The header of the answer. */
  retryAfter?: string;
}

/** Makes one try to deliver an event, as Standard Webhooks says, and tells what came of it. It never fails. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly client: OutboundClient,
    private readonly clock: Clock,
  ) {}

  /** @param secrets those that are valid; the newest first */
  async send(
    { url, eventId, type, occurredAt, data }: DueDelivery,
    secrets: string[],
    signal: AbortSignal,
  ): Promise<Outcome> {
    const startedAt = this.clock.now();
    const body = JSON.stringify({ type, timestamp: occurredAt.toISOString(), data });
    const timestamp = Math.floor(startedAt / 1000);
    const attempt = (result: Pick<Attempt, 'status' | 'error' | 'answer'>): Attempt => ({
      at: new Date(startedAt).toISOString(),
      durationMs: Math.max(0, this.clock.now() - startedAt),
      ...result,
    });
    try {
      const answer = await this.client.stream(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...signedHeaders(eventId, timestamp, body, secrets),
        },
        body,
        timeoutMs: TIMEOUT_MS,
        maxBytes: Infinity,
        signal,
      });
      const text = await beginningOf(answer.body);
      const header = answer.headers['retry-after'];
      return {
        attempt: attempt({ status: answer.status, error: null, answer: text }),
        retryAfter: Array.isArray(header) ? header[0] : header,
      };
    } catch (error) {
      const { message } = OutboundError.of(error);
      return { attempt: attempt({ status: null, error: message, answer: null }) };
    }
  }
}

/** The first of a body, on one line. What breaks off later does not matter: the status was there. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= ANSWER_BYTES) break;
    }
  } catch {
    // As much as came.
  }
  const text = Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8');
  return text.replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim();
}
