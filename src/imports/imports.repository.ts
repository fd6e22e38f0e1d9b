import { Injectable } from '@nestjs/common';
import { In, IsNull, LessThan, Not } from 'typeorm';
import { DatabaseService } from '../platform/database/database.service.js';
import { ImportEntity } from './import.entity.js';

/** How long a process that does not say anything is believed to be at work. */
const LEASE_SECONDS = 20;

/** A file that takes longer to arrive does not any more. */
const ARRIVAL_SECONDS = 120;

const SEEN = { status: Not('receiving' as const), removedAt: IsNull() };

@Injectable()
export class ImportsRepository {
  constructor(private readonly database: DatabaseService) {}

  /** Keeps others from beginning an import of the workspace until the transaction ends. */
  async lockWorkspace(workspaceId: string): Promise<void> {
    await this.database.query('SELECT FROM workspaces WHERE id = $1 FOR NO KEY UPDATE', [
      workspaceId,
    ]);
  }

  /** How many imports of the workspace are still to be done, or arriving. */
  async countUnfinished(workspaceId: string): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM imports
       WHERE workspace_id = $1 AND removed_at IS NULL AND (status IN ('queued', 'running')
         OR status = 'receiving' AND created_at > now() - $2 * interval '1 second')`,
      [workspaceId, ARRIVAL_SECONDS],
    );
    return row!.count;
  }

  async insert(entity: ImportEntity): Promise<void> {
    await this.imports.insert(entity);
  }

  async find(id: string, workspaceId: string): Promise<ImportEntity | undefined> {
    return (await this.imports.findOneBy({ ...SEEN, id, workspaceId })) ?? undefined;
  }

  /** The newest first, older ones than `beforeId` if it is given. */
  findPage(workspaceId: string, limit: number, beforeId?: string): Promise<ImportEntity[]> {
    const older = beforeId === undefined ? {} : { id: LessThan(beforeId) };
    return this.imports.find({
      where: { ...SEEN, workspaceId, ...older },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** The import as it is; it stays so until the transaction ends. */
  async lock(id: string, workspaceId: string): Promise<ImportEntity | undefined> {
    const lock = { mode: 'for_no_key_update' } as const;
    return (await this.imports.findOne({ where: { ...SEEN, id, workspaceId }, lock })) ?? undefined;
  }

  /** The file has arrived. */
  async queue(id: string): Promise<void> {
    await this.imports.update({ id, status: 'receiving' }, { status: 'queued' });
  }

  /** The file did not arrive. */
  async discard(id: string): Promise<void> {
    await this.imports.update({ id, status: 'receiving' }, { removedAt: () => 'now()' });
  }

  /** Ends a locked import; its file is not needed any more. */
  async cancel(id: string, at: Date): Promise<void> {
    await this.imports.update(
      { id, status: In(['queued', 'running']) },
      { status: 'cancelled', finishedAt: at, apiKey: null, leaseOwner: null, leaseUntil: null },
    );
    await this.deleteChunks(id);
  }

  async remove(id: string, at: Date): Promise<void> {
    await this.imports.update({ id }, { removedAt: at });
  }

  /** Takes an import that waits, or whose process has fallen silent. Whoever waits longest comes first. */
  async claim(owner: string, at: Date): Promise<ImportEntity | undefined> {
    const [row] = await this.database.query<{ id: string }>(
      `WITH claimed AS (
         UPDATE imports SET status = 'running', started_at = coalesce(started_at, $2),
           attempts = attempts + 1, lease_owner = $1,
           lease_until = now() + $3 * interval '1 second'
         WHERE id = (
           SELECT id FROM imports
           WHERE status IN ('queued', 'running') AND removed_at IS NULL
             AND (lease_until IS NULL OR lease_until < now())
           ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
         ) RETURNING id
       ) SELECT id FROM claimed`,
      [owner, at, LEASE_SECONDS],
    );
    return row && ((await this.imports.findOneBy({ id: row.id })) ?? undefined);
  }

  /** Says that the run is still at work, and tells whether the import is still its own. */
  async renew(id: string, owner: string): Promise<boolean> {
    const { affected } = await this.imports.update(
      { id, leaseOwner: owner, status: 'running', removedAt: IsNull() },
      { leaseUntil: () => `now() + ${LEASE_SECONDS} * interval '1 second'` },
    );
    return affected === 1;
  }

  /** The import, if the run still has it; nobody else gets it, or cancels it, until the transaction ends. */
  async lockOwn(id: string, owner: string): Promise<ImportEntity | undefined> {
    const lock = { mode: 'for_no_key_update' } as const;
    const where = { id, leaseOwner: owner, status: 'running' as const, removedAt: IsNull() };
    return (await this.imports.findOne({ where, lock })) ?? undefined;
  }

  /** Notes how far a locked import is; that it came on makes up for earlier attempts. */
  async note(id: string, columns: Partial<ImportEntity>): Promise<void> {
    await this.imports.update(
      { id },
      {
        ...columns,
        attempts: 0,
        leaseUntil: () => `now() + ${LEASE_SECONDS} * interval '1 second'`,
      },
    );
  }

  /** Ends a locked import; what it was made of is not needed any more. */
  async finish(id: string, columns: Partial<ImportEntity>): Promise<void> {
    await this.imports.update(
      { id },
      { ...columns, apiKey: null, remotePlace: null, leaseOwner: null, leaseUntil: null },
    );
    await this.deleteChunks(id);
  }

  /** Lets another process go on with it at once. */
  async release(id: string, owner: string): Promise<void> {
    await this.imports.update(
      { id, leaseOwner: owner },
      { leaseOwner: null, leaseUntil: null, attempts: 0 },
    );
  }

  /**
   * Deletes up to so many rows of imports that are removed, over since that time, or of workspaces that have
   * ended, and tells how many.
   */
  async purge(before: Date, limit: number): Promise<number> {
    const gone = `SELECT id FROM imports WHERE removed_at IS NOT NULL OR finished_at < $1
      OR (status = 'receiving' AND created_at < now() - interval '1 hour')
      OR NOT EXISTS (SELECT FROM workspaces WHERE workspaces.id = imports.workspace_id)`;
    const [records] = await this.database.query<{ purged: number }>(
      `WITH gone AS MATERIALIZED (${gone}), purged AS (
         DELETE FROM import_records WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM import_records WHERE import_id IN (SELECT id FROM gone) LIMIT $2
         )) RETURNING 1
       ) SELECT count(*)::int AS purged FROM purged`,
      [before, limit],
    );
    if (records!.purged > 0) return records!.purged;
    const [imports] = await this.database.query<{ purged: number }>(
      `WITH gone AS MATERIALIZED (${gone} LIMIT $2), chunks AS (
         DELETE FROM import_chunks WHERE import_id IN (SELECT id FROM gone)
       ), purged AS (
         DELETE FROM imports WHERE id IN (SELECT id FROM gone) RETURNING 1
       ) SELECT count(*)::int AS purged FROM purged`,
      [before, Math.min(limit, 20)],
    );
    return imports!.purged;
  }

  private async deleteChunks(id: string): Promise<void> {
    await this.database.query('DELETE FROM import_chunks WHERE import_id = $1', [id]);
  }

  private get imports() {
    return this.database.repository(ImportEntity);
  }
}
