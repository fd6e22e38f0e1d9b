import { ApiProperty } from '@nestjs/swagger';
import { type Account, type OwnSession, USER_ROLES, type UserRole } from '../../auth/auth.types.js';
import { type Link, REDIRECT_STATUSES, type RedirectStatus } from '../../links/links.types.js';
import {
  type NamedMembership,
  WORKSPACE_ROLES,
  type WorkspaceRole,
} from '../../workspaces/workspaces.types.js';
import type { AccountExport } from '../accounts.types.js';

const ID = { format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T09:30:00.000Z' } as const;
const NO_TIME = { ...TIME, nullable: true, example: null } as const;
const TEXT = { type: String, nullable: true } as const;

export class ExportedAccount {
  @ApiProperty(ID)
  id: string;

  @ApiProperty({ format: 'idn-email', example: 'ada@example.com' })
  email: string;

  @ApiProperty({ ...TEXT, example: 'Ada Lovelace' })
  name: string | null;

  @ApiProperty({ enum: USER_ROLES, example: 'member' })
  role: UserRole;

  @ApiProperty(TIME)
  createdAt: string;

  static from({ id, email, name, role, createdAt }: Account): ExportedAccount {
    return { id, email, name, role, createdAt: createdAt.toISOString() };
  }
}

export class ExportedMembership {
  @ApiProperty(ID)
  workspaceId: string;

  @ApiProperty({ example: 'Marketing' })
  name: string;

  @ApiProperty({ enum: WORKSPACE_ROLES, example: 'owner' })
  role: WorkspaceRole;

  @ApiProperty(TIME)
  joinedAt: string;

  static from({ workspaceId, name, role, joinedAt }: NamedMembership): ExportedMembership {
    return { workspaceId, name, role, joinedAt: joinedAt.toISOString() };
  }
}

export class ExportedSession {
  @ApiProperty(ID)
  id: string;

  @ApiProperty(TIME)
  createdAt: string;

  @ApiProperty(TIME)
  lastUsedAt: string;

  @ApiProperty(TIME)
  expiresAt: string;

  @ApiProperty({ ...TEXT, example: 'Firefox' })
  browser: string | null;

  @ApiProperty({ ...TEXT, example: 'Linux' })
  os: string | null;

  @ApiProperty({ ...TEXT, example: '203.0.113.0/24' })
  network: string | null;

  static from({ id, createdAt, lastUsedAt, expiresAt, client }: OwnSession): ExportedSession {
    const { browser, os, network } = client;
    return {
      id,
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      browser,
      os,
      network,
    };
  }
}

const TARGETS = {
  type: 'array' as const,
  items: { type: 'object' as const, additionalProperties: true },
  nullable: true,
  example: null,
};

export class ExportedLink {
  @ApiProperty(ID)
  id: string;

  @ApiProperty(ID)
  workspaceId: string;

  @ApiProperty({ format: 'uri', example: 'https://go.example.com/summer-sale' })
  shortUrl: string;

  @ApiProperty({ ...TEXT, example: 'product-4711' })
  externalId: string | null;

  @ApiProperty({ format: 'uri', example: 'https://example.com/' })
  url: string;

  @ApiProperty({ ...TEXT, example: 'Summer sale 2026' })
  title: string | null;

  @ApiProperty({ type: [String], example: ['newsletter', 'sale'] })
  tags: string[];

  @ApiProperty({ enum: REDIRECT_STATUSES, example: 302 })
  redirectStatus: RedirectStatus;

  @ApiProperty(NO_TIME)
  startsAt: string | null;

  @ApiProperty(NO_TIME)
  expiresAt: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  maxClicks: number | null;

  @ApiProperty({ ...TARGETS, description: 'As the link has them.' })
  rules: Link['rules'];

  @ApiProperty(TARGETS)
  split: Link['split'];

  @ApiProperty({ type: 'integer', example: 1234 })
  clicks: number;

  @ApiProperty(TIME)
  createdAt: string;

  @ApiProperty(TIME)
  updatedAt: string;

  @ApiProperty(NO_TIME)
  disabledAt: string | null;

  @ApiProperty({ ...TEXT, example: null })
  disabledReason: string | null;

  static from(link: Link): ExportedLink {
    return {
      id: link.id,
      workspaceId: link.workspaceId,
      shortUrl: link.shortUrl,
      externalId: link.externalId,
      url: link.url,
      title: link.title,
      tags: link.tags,
      redirectStatus: link.redirectStatus,
      startsAt: link.startsAt?.toISOString() ?? null,
      expiresAt: link.expiresAt?.toISOString() ?? null,
      maxClicks: link.maxClicks,
      rules: link.rules,
      split: link.split,
      clicks: link.clicks,
      createdAt: link.createdAt.toISOString(),
      updatedAt: link.updatedAt.toISOString(),
      disabledAt: link.disabledAt?.toISOString() ?? null,
      disabledReason: link.disabledReason,
    };
  }
}

export class AccountExportResponse {
  @ApiProperty({ type: ExportedAccount })
  account: ExportedAccount;

  @ApiProperty({ type: [ExportedMembership], description: 'The workspaces that I belong to.' })
  memberships: ExportedMembership[];

  @ApiProperty({ type: [ExportedSession], description: 'The newest first.' })
  sessions: ExportedSession[];

  @ApiProperty({
    type: [ExportedLink],
    description: 'Those that I have made in these workspaces, the oldest first.',
  })
  links: ExportedLink[];

  /** The response as JSON, in parts: there may be more links than fit into memory. */
  static async *jsonOf(exported: AccountExport): AsyncGenerator<string> {
    const { account, memberships, sessions, links } = exported;
    yield `{"account":${JSON.stringify(ExportedAccount.from(account))}`;
    yield `,"memberships":${JSON.stringify(memberships.map((one) => ExportedMembership.from(one)))}`;
    yield ',"sessions":';
    yield* jsonList(sessions, (session) => ExportedSession.from(session));
    yield ',"links":';
    yield* jsonList(links, (link) => ExportedLink.from(link));
    yield '}';
  }
}

async function* jsonList<T>(
  pages: AsyncIterable<T[]>,
  present: (item: T) => object,
): AsyncGenerator<string> {
  let before = '[';
  for await (const items of pages) {
    if (items.length === 0) continue;
    yield before + items.map((item) => JSON.stringify(present(item))).join(',');
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}
