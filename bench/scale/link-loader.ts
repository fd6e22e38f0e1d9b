import type pg from 'pg';
import { linkOf } from './link-set.ts';

const ROWS_PER_STATEMENT = 10_000;
/** While one keeps indexes, another does, too. */
const CONNECTIONS = 2;

/** Fills one workspace with links, in bulk. */
export class LinkLoader {
  constructor(
    private readonly database: pg.Pool,
    private readonly workspaceId: string,
    private readonly planned: number,
  ) {}

  /** Adds the links from one number up to another; returns how many it added a second. */
  async load(from: number, to: number, onProgress: (done: number) => void): Promise<number> {
    const startedAt = performance.now();
    let [next, done] = [from, from];
    const insertTheNext = async (): Promise<void> => {
      while (next < to) {
        const at = next;
        next = Math.min(to, at + ROWS_PER_STATEMENT);
        const until = next;
        await this.insert(at, until);
        onProgress((done += until - at));
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, insertTheNext));
    const seconds = (performance.now() - startedAt) / 1_000;
    await this.database.query('VACUUM ANALYZE links');
    return (to - from) / seconds;
  }

  private async insert(from: number, to: number): Promise<void> {
    const rows = Array.from({ length: to - from }, (_, n) => linkOf(from + n, this.planned));
    await this.database.query(
      `INSERT INTO links (id, workspace_id, code, url, search_url, title, search_title, tags)
       SELECT id, $1, code, url, lower(url), title, lower(title), string_to_array(tags, ',')
       FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
         AS new (id, code, url, title, tags)`,
      [
        this.workspaceId,
        rows.map(({ id }) => id),
        rows.map(({ code }) => code),
        rows.map(({ url }) => url),
        rows.map(({ title }) => title),
        rows.map(({ tags }) => tags.join()),
      ],
    );
  }
}
