import { randomBytes } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { uuidv7 } from '../../src/common/uuid.js';

/** Inserts a link with these columns, in a workspace of its own that has its domain, and returns its id. */
export async function addLink(
  database: Pool | ClientBase,
  columns: Record<string, unknown> = {},
): Promise<string> {
  const workspaceId = uuidv7();
  await database.query(`INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'Team', now())`, [
    workspaceId,
  ]);
  if (columns['domain'] !== undefined) {
    await database.query(
      `INSERT INTO domains (id, workspace_id, host, token, created_at, verified_at)
       VALUES ($1, $2, $3, '', now(), now())`,
      [uuidv7(), workspaceId, columns['domain']],
    );
  }
  const row = {
    id: uuidv7(),
    workspace_id: workspaceId,
    code: randomBytes(6).toString('base64url'),
    url: 'https://example.com/',
    ...columns,
  };
  const names = Object.keys(row);
  await database.query(
    `INSERT INTO links (${names.join(', ')}) VALUES (${names.map((_, n) => `$${n + 1}`).join(', ')})`,
    Object.values(row),
  );
  return row.id;
}
