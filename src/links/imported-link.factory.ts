import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { ProblemError } from '../common/problem/problem.error.js';
import type { LinkEntity } from './link.entity.js';
import { LinkFactory } from './link.factory.js';
import type { ImportedLink, LinkToImport, NewLink, OnTaken } from './links.types.js';

export const MAX_CODE = 64;

/** What a link can do without, if it cannot be what it was elsewhere. */
const LEFT_OUT = new Set(['fallbackUrl', 'rules', 'split']);

/** A link to import, and what has been decided about it. */
export interface Work {
  input: LinkToImport;
  /** Settled at the end. */
  result?: ImportedLink;
  warnings: ImportedLink['warnings'];
  /** What is to be added, or what an existing link is to become. */
  link?: LinkEntity;
  /** The code as it was, if it is another one now. */
  isRenamed: boolean;
  /** The link of the workspace that is updated. */
  updates?: string;
}

/** Makes links of what other services had: valid ones, but for their past. */
@Injectable()
export class ImportedLinkFactory {
  constructor(
    private readonly factory: LinkFactory,
    private readonly clock: Clock,
  ) {}

  /** What the link would be, whether or not its code is free. */
  build(work: Work, workspaceId: string, createdBy: string | null, onTaken: OnTaken): void {
    const { code, expiresAt, createdAt, updatedAt, importedClicks, ...rest } = work.input;
    const refusal = code === undefined ? undefined : this.factory.codeRefusal(code);
    if (refusal && onTaken !== 'rename') {
      const problem = { code: `code-${refusal.code}`, detail: `code ${refusal.detail}` };
      work.result = { outcome: 'skipped', problem, warnings: [] };
      return;
    }
    const allowed = refusal ? undefined : code;
    work.isRenamed = refusal !== undefined;
    const link = this.create(work, { ...rest, code: allowed }, workspaceId, createdBy);
    if (!link) return;
    const now = new Date(this.clock.now());
    work.link = Object.assign(link, {
      expiresAt: expiresAt ?? null,
      createdAt: createdAt ?? now,
      updatedAt: updatedAt ?? createdAt ?? now,
      importedClicks,
    });
    const readable = refusal && this.readableCode(code!);
    if (readable !== undefined) link.code = readable;
  }

  /** The link, without what may be left out if it is wrong; undefined if its target is wrong. */
  private create(
    work: Work,
    input: Omit<NewLink, 'password'>,
    workspaceId: string,
    createdBy: string | null,
  ): LinkEntity | undefined {
    try {
      return this.factory.create(input, workspaceId, createdBy);
    } catch (error) {
      if (!(error instanceof ProblemError) || !error.errors) throw error;
      const wrong = new Map(error.errors.map(({ pointer, detail }) => [fieldOf(pointer), detail]));
      const [first] = error.errors;
      const without = { ...input };
      for (const [field, detail] of wrong) {
        if (!LEFT_OUT.has(field)) {
          work.result = failed(first!.code, first!.detail);
          return undefined;
        }
        delete without[field as 'fallbackUrl'];
        work.warnings.push({ code: `${field}-left-out`, detail });
      }
      return this.create(work, without, workspaceId, createdBy);
    }
  }

  /** The code in characters that codes may have: "docs/setup" becomes "docs-setup", "café" "cafe". */
  private readableCode(code: string): string | undefined {
    const text = code
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, MAX_CODE);
    return text === '' || this.factory.codeRefusal(text) ? undefined : text;
  }
}

const fieldOf = (pointer: string): string => pointer.split('/')[1]!;

export const failed = (code: string, detail: string): ImportedLink => ({
  outcome: 'failed',
  problem: { code, detail },
  warnings: [],
});

export const skipped = (code: string, detail: string): ImportedLink => ({
  outcome: 'skipped',
  problem: { code, detail },
  warnings: [],
});
