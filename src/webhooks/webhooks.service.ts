import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { AuthConfig } from '../../config/auth.config.js';
import { AuditService, changesOf } from '../audit/audit.service.js';
import type { AuditChanges } from '../audit/audit.types.js';
import { Clock } from '../common/clock.js';
import { decodeCursor, type Page, pageOf } from '../common/cursor.js';
import { SecretBox } from '../common/secret-box.js';
import { NIL_UUID, uuidv7 } from '../common/uuid.js';
import { WORKSPACE_LIMITS } from '../common/workspace-limits.js';
import { DatabaseService } from '../platform/database/database.service.js';
import { OutboundClient } from '../platform/outbound/outbound-client.js';
import { OutboundError } from '../platform/outbound/outbound.error.js';
import { ClickBatchesRepository } from './click-batches.repository.js';
import { newSecret } from './signature.js';
import type { WebhookEntity } from './webhook.entity.js';
import {
  tooManyWebhooks,
  urlRefused,
  webhookChanged,
  webhookNotFound,
  workspaceGone,
} from './webhooks.problems.js';
import { WebhooksRepository } from './webhooks.repository.js';
import type {
  DisabledReason,
  DueDelivery,
  NewWebhook,
  Webhook,
  WebhookChanges,
  WebhookInput,
} from './webhooks.types.js';

/** How long the secret before is still used after a rotation. */
const OVERLAP_MS = 86_400_000;
const RESEALED_AT_ONCE = 500;

/** What the audit trail tells of a webhook besides its host. */
const RECORDED = ['events', 'description', 'disabledAt', 'disabledReason'] as const;

/** The addresses that are told of the events of a workspace. Who may manage them is up to the caller. */
@Injectable()
export class WebhooksService {
  private readonly secrets: SecretBox;

  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly database: DatabaseService,
    private readonly client: OutboundClient,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly clicks: ClickBatchesRepository,
    { jwtSecret, jwtPreviousSecrets }: AuthConfig,
  ) {
    this.secrets = new SecretBox('webhooks/secret', jwtSecret, jwtPreviousSecrets);
  }

  /** The newest first. @throws ProblemError invalid-request (cursor) */
  async list(
    workspaceId: string,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<Page<Webhook>> {
    const beforeId = cursor === undefined ? undefined : decodeCursor(cursor);
    // One more than asked for tells whether there is a next page.
    const found = await this.webhooks.findPage(workspaceId, limit + 1, beforeId);
    return pageOf(found.map(present), limit, ({ id }) => id);
  }

  /** @throws ProblemError not-found */
  async get(workspaceId: string, id: string): Promise<Webhook> {
    const webhook = isUUID(id) ? await this.webhooks.find(workspaceId, id) : undefined;
    if (!webhook) throw webhookNotFound();
    return present(webhook);
  }

  /** It is told what happens from now on. @throws ProblemError invalid-request, webhook-limit-reached */
  async create(workspaceId: string, input: WebhookInput): Promise<NewWebhook> {
    const url = await this.checkedUrl(input.url);
    const now = this.clock.now();
    const id = uuidv7(now);
    const secret = newSecret();
    const webhook = {
      id,
      workspaceId: workspaceId.toLowerCase(),
      url,
      events: [...new Set(input.events)],
      description: input.description ?? null,
      secret: this.secrets.seal(id, secret),
      previousSecret: null,
      previousSecretUntil: null,
      version: 1,
      createdAt: new Date(now),
      updatedAt: new Date(now),
      disabledAt: null,
      disabledReason: null,
    };
    await this.database.transaction(async () => {
      if (!(await this.webhooks.lockWorkspace(workspaceId))) throw workspaceGone();
      const most = WORKSPACE_LIMITS.webhooks;
      if ((await this.webhooks.count(workspaceId)) >= most) throw tooManyWebhooks(most);
      await this.webhooks.add(webhook);
      await this.listenToClicks(webhook);
      await this.record('created', webhook, changesOf({}, recorded(webhook)));
    });
    return { ...present(webhook), secret };
  }

  /**
   * What happened while it was disabled it is not told, unless somebody has it replayed.
   * @param versions the versions the change is meant for; any, if undefined
   * @throws ProblemError invalid-request, not-found, precondition-failed
   */
  async update(
    workspaceId: string,
    id: string,
    { disabled, url, events, description }: WebhookChanges,
    versions?: number[],
  ): Promise<Webhook> {
    const checked = url === undefined ? undefined : await this.checkedUrl(url);
    return this.change(workspaceId, id, versions, async (before) => {
      const now = new Date(this.clock.now());
      const columns: Partial<WebhookEntity> = {
        ...(checked !== undefined && { url: checked }),
        ...(events !== undefined && { events: [...new Set(events)] }),
        ...(description !== undefined && { description }),
        ...(disabled === true &&
          !before.disabledAt && { disabledAt: now, disabledReason: 'requested' as const }),
        ...(disabled === false && { disabledAt: null, disabledReason: null }),
        updatedAt: now,
      };
      await this.webhooks.update(before, columns);
      if (disabled === false && before.disabledAt) await this.webhooks.skipToEnd(before.id);
      await this.listenToClicks(Object.assign({}, before, columns));
      const changes = changesOf(recorded(before), recorded(Object.assign({}, before, columns)));
      await this.record('updated', before, changes);
    });
  }

  /** With what is known of its deliveries. @throws ProblemError not-found, precondition-failed */
  async delete(workspaceId: string, id: string, versions?: number[]): Promise<void> {
    await this.database.transaction(async () => {
      const webhook = await this.lock(workspaceId, id, versions);
      await this.webhooks.delete(webhook.id);
      await this.record('deleted', webhook);
    });
  }

  /** Makes a secret; the one before is used beside it for a day. @throws ProblemError not-found */
  async rotateSecret(workspaceId: string, id: string): Promise<NewWebhook> {
    const secret = newSecret();
    const webhook = await this.change(workspaceId, id, undefined, async (before) => {
      const now = this.clock.now();
      await this.webhooks.update(before, {
        secret: this.secrets.seal(before.id, secret),
        previousSecret: before.secret,
        previousSecretUntil: new Date(now + OVERLAP_MS),
        updatedAt: new Date(now),
      });
      await this.record('secret-rotated', before);
    });
    return { ...webhook, secret };
  }

  /** By the service itself, because of what the receiver has answered. */
  async disable(
    { webhookId, workspaceId }: Pick<DueDelivery, 'webhookId' | 'workspaceId'>,
    disabledReason: DisabledReason,
  ): Promise<void> {
    const disabledAt = new Date(this.clock.now());
    await this.database.transaction(async () => {
      if (!(await this.webhooks.disable(webhookId, disabledReason, disabledAt))) return;
      const changes = changesOf({}, { disabledAt, disabledReason });
      await this.record('disabled', { id: webhookId, workspaceId }, changes);
    });
  }

  /** Those that sign now, the newest first; none if a forgotten JWT_SECRET has sealed them. */
  openSecrets({ webhookId, secret, previousSecret }: DueDelivery): string[] {
    return [secret, previousSecret].flatMap((sealed) => {
      const opened = sealed ? this.secrets.open(webhookId, sealed) : undefined;
      return opened === undefined ? [] : [opened];
    });
  }

  /** Seals all secrets by JWT_SECRET that one of JWT_PREVIOUS_SECRETS has, so that those can go. */
  async resealAll(): Promise<void> {
    let afterId = NIL_UUID;
    let found: WebhookEntity[];
    do {
      found = await this.webhooks.findSecrets(afterId, RESEALED_AT_ONCE);
      for (const webhook of found) {
        for (const column of ['secret', 'previousSecret'] as const) {
          const sealed = webhook[column];
          if (!sealed || !this.secrets.isOutdated(webhook.id, sealed)) continue;
          const opened = this.secrets.open(webhook.id, sealed);
          if (opened === undefined) continue;
          const next = this.secrets.seal(webhook.id, opened);
          await this.webhooks.reseal(webhook.id, column, sealed, next);
        }
      }
      afterId = found.at(-1)?.id ?? afterId;
    } while (found.length === RESEALED_AT_ONCE);
  }

  /** Notes in the trail of the workspace what was done with a webhook. */
  record(
    what: string,
    { id, workspaceId }: Pick<Webhook, 'id' | 'workspaceId'>,
    changes?: AuditChanges,
  ): Promise<void> {
    const targets = [{ type: 'webhook', id }];
    return this.audit.record({ workspaceId, action: `webhook.${what}`, targets, changes });
  }

  private async listenToClicks({ workspaceId, events }: Pick<Webhook, 'workspaceId' | 'events'>) {
    if (events.includes('clicks.batch')) await this.clicks.begin(workspaceId);
  }

  private async change(
    workspaceId: string,
    id: string,
    versions: number[] | undefined,
    work: (before: WebhookEntity) => Promise<void>,
  ): Promise<Webhook> {
    return this.database.transaction(async () => {
      const before = await this.lock(workspaceId, id, versions);
      await work(before);
      return this.get(workspaceId, before.id);
    });
  }

  private async lock(workspaceId: string, id: string, versions?: number[]): Promise<WebhookEntity> {
    const webhook = isUUID(id) ? await this.webhooks.lock(workspaceId, id) : undefined;
    if (!webhook) throw webhookNotFound();
    if (versions && !versions.includes(webhook.version)) throw webhookChanged();
    return webhook;
  }

  /** In its normal form, of an address that could be reached now. @throws ProblemError invalid-request */
  private async checkedUrl(url: string): Promise<string> {
    try {
      await this.client.check(url);
    } catch (error) {
      if (error instanceof OutboundError) throw urlRefused(error);
      throw error;
    }
    return new URL(url).href;
  }
}

type Recorded = Pick<Webhook, (typeof RECORDED)[number]> & { host: string };

/** The path of a URL may be what proves that somebody may send there. */
const recorded = (webhook: Pick<Webhook, 'url' | (typeof RECORDED)[number]>): Recorded => ({
  host: new URL(webhook.url).host,
  ...(Object.fromEntries(RECORDED.map((field) => [field, webhook[field]])) as Pick<
    Webhook,
    (typeof RECORDED)[number]
  >),
});

const present = (webhook: Omit<WebhookEntity, 'position'>): Webhook => ({
  id: webhook.id,
  workspaceId: webhook.workspaceId,
  url: webhook.url,
  events: webhook.events,
  description: webhook.description,
  createdAt: webhook.createdAt,
  updatedAt: webhook.updatedAt,
  disabledAt: webhook.disabledAt,
  disabledReason: webhook.disabledReason,
  version: webhook.version,
});
