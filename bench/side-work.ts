import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ApiUser } from './contenders/api-user.ts';
import type { Signpost } from './contenders/signpost.ts';
import type { Done, SideWorkData } from './side-work.worker.ts';

/**
 * Everything but redirects that a server may have to do, as much of it as it can take: 8 clients log
 * in, 4 make links, one asks for reports, all without a pause.
 */
export class SideWork {
  private worker: Worker | undefined;

  private constructor(private readonly data: SideWorkData) {}

  /** Somebody who may see the links of the bench, and thus ask for reports about all of them. */
  static async prepare(server: Signpost): Promise<SideWork> {
    const user = await ApiUser.register(server.url);
    const { rows } = await server.query<{ id: string }>(
      `INSERT INTO workspace_members (workspace_id, user_id, role, created_at)
       SELECT id, $1, 'owner', now() FROM workspaces WHERE name = 'Bench'
       RETURNING workspace_id AS id`,
      [user.credentials.id],
    );
    return new SideWork({ credentials: user.credentials, workspaceId: rows[0]!.id });
  }

  begin(): void {
    const worker = new URL('./side-work.worker.js', import.meta.url);
    this.worker = new Worker(worker, { workerData: this.data });
  }

  /** Finishes what is under way; returns what was done before. */
  async end(): Promise<Done> {
    this.worker!.postMessage('stop');
    const [done] = (await once(this.worker!, 'message')) as [Done];
    return done;
  }
}
