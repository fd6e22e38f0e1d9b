import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';

/** Who has a code. */
export interface TakenCode {
  id: string;
  domain: string;
  code: string;
  workspaceId: string;
  isDeleted: boolean;
}

/** What an import asks of many links at once. */
@Injectable()
export class LinkImportsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Those of the codes that are taken, in whichever workspace, deleted links included. */
  findTaken(codes: { domain: string; code: string }[]): Promise<TakenCode[]> {
    return this.database.query<TakenCode>(
      `SELECT id, domain, code, workspace_id AS "workspaceId", deleted_at IS NOT NULL AS "isDeleted"
       FROM links JOIN unnest($1::text[], $2::text[]) AS wanted (domain, code) USING (domain, code)`,
      [codes.map(({ domain }) => domain), codes.map(({ code }) => code)],
    );
  }

  /** Those of the external ids that links of the workspace have. */
  async findExternalIds(workspaceId: string, externalIds: string[]): Promise<Map<string, string>> {
    const rows = await this.database.query<{ id: string; externalId: string }>(
      `SELECT id, external_id AS "externalId" FROM links
       WHERE workspace_id = $1 AND external_id = ANY($2::text[]) AND deleted_at IS NULL`,
      [workspaceId, externalIds],
    );
    return new Map(rows.map(({ id, externalId }) => [externalId, id]));
  }

  /** How many clicks of the limits of links are used up, of those that have any. */
  async findSpent(ids: string[]): Promise<Map<string, number>> {
    const rows = await this.database.query<{ id: string; spent: number }>(
      'SELECT link_id AS id, spent FROM link_spending WHERE link_id = ANY($1::uuid[])',
      [ids],
    );
    return new Map(rows.map(({ id, spent }) => [id, spent]));
  }

  /** Says how many clicks of limited links are used up. */
  async spend(links: { id: string; spent: number }[]): Promise<void> {
    if (links.length === 0) return;
    await this.database.query(
      `INSERT INTO link_spending (link_id, spent)
       SELECT * FROM unnest($1::uuid[], $2::int[])
       ON CONFLICT (link_id) DO UPDATE SET spent = excluded.spent`,
      [links.map(({ id }) => id), links.map(({ spent }) => spent)],
    );
  }
}
