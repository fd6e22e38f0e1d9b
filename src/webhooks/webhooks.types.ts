import type { EventType } from '../events/events.types.js';

/** What only tests of webhooks are told. */
export const TEST_EVENT = 'webhook.test';

/** Why a webhook is told nothing: somebody wanted it, its receiver answered 410, or failed for days. */
export const DISABLED_REASONS = ['requested', 'gone', 'failing'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** An address that is told of events, as the owners of its workspace see it: never with its secret. */
export interface Webhook {
  id: string;
  workspaceId: string;
  url: string;
  events: EventType[];
  description: string | null;
  createdAt: Date;
  updatedAt: Date;
  disabledAt: Date | null;
  disabledReason: DisabledReason | null;
  /** Grows by one with every change; the ETag. */
  version: number;
}

/** A webhook with what is shown only once. */
export interface NewWebhook extends Webhook {
  secret: string;
}

export interface WebhookInput {
  url: string;
  events: EventType[];
  description?: string | null;
}

export interface WebhookChanges extends Partial<WebhookInput> {
  disabled?: boolean;
}

export const DELIVERY_STATUSES = ['pending', 'succeeded', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** One try to deliver an event. */
export interface Attempt {
  at: string;
  /** Of the answer; null if there was none. */
  status: number | null;
  /** Why there was none. */
  error: string | null;
  durationMs: number;
  /** How the body of the answer began. */
  answer: string | null;
}

/** What became of an event for a webhook. */
export interface Delivery {
  eventId: string;
  type: EventType | typeof TEST_EVENT;
  status: DeliveryStatus;
  createdAt: Date;
  finishedAt: Date | null;
  nextTryAt: Date | null;
  /** The last of them, the oldest first. */
  attempts: Attempt[];
}

/** A delivery that this process has to try now, and no other. */
export interface DueDelivery {
  webhookId: string;
  workspaceId: string;
  url: string;
  secret: Buffer;
  /** While the one before is still valid. */
  previousSecret: Buffer | null;
  eventId: string;
  type: string;
  occurredAt: Date;
  /** Null if the event is not kept any more. */
  data: object | null;
  tries: number;
  attempts: Attempt[];
}

/** What is to become of a delivery after a try. */
export interface Settlement {
  status: DeliveryStatus;
  tries: number;
  attempts: Attempt[];
  /** When it is tried again, in milliseconds from now; null if it is not. */
  retryInMs: number | null;
}
