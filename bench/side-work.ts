import { ApiUser } from './contenders/api-user.ts';
import type { Signpost } from './contenders/signpost.ts';

const EVERY_DIMENSION = 'country,referrer,browser,os,device,language,utm_source';

/** Everything but redirects that a server may have to do, as much of it as it can take. */
export class SideWork {
  readonly done = { logins: 0, links: 0, reports: 0 };
  private isOver = false;
  private readonly loops: Promise<void>[] = [];

  private constructor(
    private readonly user: ApiUser,
    private readonly workspaceId: string,
  ) {}

  /** Somebody who may see the links of the bench, and thus ask for reports about all of them. */
  static async prepare(server: Signpost): Promise<SideWork> {
    const user = await ApiUser.register(server.url);
    const { rows } = await server.query<{ id: string }>(
      `INSERT INTO workspace_members (workspace_id, user_id, role, created_at)
       SELECT id, $1, 'owner', now() FROM workspaces WHERE name = 'Bench'
       RETURNING workspace_id AS id`,
      [user.id],
    );
    return new SideWork(user, rows[0]!.id);
  }

  /** 8 clients log in, 4 make links, one asks for reports, all without a pause. */
  begin(): void {
    const report = `/workspaces/${this.workspaceId}/stats?interval=hour&limit=100&groupBy=${EVERY_DIMENSION}`;
    for (let client = 0; client < 8; client += 1) this.repeat('logins', () => this.user.login());
    for (let client = 0; client < 4; client += 1) this.repeat('links', () => this.user.shorten());
    this.repeat('reports', () => this.user.read(report));
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.loops);
  }

  private repeat(what: keyof SideWork['done'], work: () => Promise<unknown>): void {
    const loop = async (): Promise<void> => {
      while (!this.isOver) {
        await work();
        this.done[what] += 1;
      }
    };
    this.loops.push(loop());
  }
}
