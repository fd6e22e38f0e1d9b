/** What can happen in a workspace, as integrators are told. The names are part of the API. */
export const EVENT_TYPES = [
  'link.created',
  'link.updated',
  'link.deleted',
  'link.expired',
  'link.spent',
  'links.transferred',
  'clicks.batch',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** What a feature tells: all that the workspace may know, and nothing secret. */
export interface NewEvent {
  type: EventType;
  data: object;
}

/** An event as it is on record. */
export interface WorkspaceEvent {
  /** The same wherever it is told, however often. */
  id: string;
  type: EventType;
  occurredAt: Date;
  data: object;
}

export interface EventQuery {
  limit: number;
  /** The id of the event that the page begins behind. */
  after?: string;
  type?: EventType;
}
