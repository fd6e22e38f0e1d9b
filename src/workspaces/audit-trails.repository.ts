import { Injectable } from '@nestjs/common';
import { DatabaseService } from '../platform/database/database.service.js';

interface Named {
  id: string;
  name: string;
}

/** Names of those who have done something, as far as they are still here. */
@Injectable()
export class AuditTrailsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Of members of the workspace and its API keys, by id. */
  async findNames(workspaceId: string, ids: string[]): Promise<Map<string, string>> {
    const rows = await this.database.query<Named>(
      `SELECT u.id, u.email AS name FROM workspace_members m JOIN users u ON u.id = m.user_id
       WHERE m.workspace_id = $1 AND m.user_id = ANY($2::uuid[])
       UNION ALL
       SELECT id, name FROM api_keys WHERE workspace_id = $1 AND id = ANY($2::uuid[])`,
      [workspaceId, ids],
    );
    return byId(rows);
  }

  /** Of all users, by id. */
  async findNamesOfUsers(ids: string[]): Promise<Map<string, string>> {
    const rows = await this.database.query<Named>(
      'SELECT id, email AS name FROM users WHERE id = ANY($1::uuid[])',
      [ids],
    );
    return byId(rows);
  }
}

const byId = (rows: Named[]): Map<string, string> =>
  new Map(rows.map(({ id, name }) => [id, name]));
