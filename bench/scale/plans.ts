import type pg from 'pg';
import type { DatabaseService } from '../../src/platform/database/database.service.js';
import { LinkPagesRepository } from '../../src/links/link-pages.repository.js';
import type { LinkFilter } from '../../src/links/links.types.js';
import { RedirectTargetsRepository } from '../../src/redirect/redirect-targets.repository.js';
import { codeOf, FINDABLE, linkOf } from './link-set.ts';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: PlanNode[];
}

/** The indexes that each statement on links uses; `SEQUENTIAL SCAN` where it uses none. */
export type Plans = Record<string, string[]>;

/** Has PostgreSQL explain the statements of the repositories themselves. */
export async function explainStatements(
  client: pg.PoolClient,
  workspaceId: string,
  links: number,
): Promise<Plans> {
  const plans: Plans = {};
  const explain = async (name: string, sql: string, parameters: unknown[]): Promise<void> => {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (FORMAT JSON) ${sql}`,
      parameters,
    );
    const used = new Set(accessesOf(rows[0]!['QUERY PLAN'][0].Plan));
    plans[name] = [...used].toSorted();
  };
  const targets = Object.assign(Object.create(RedirectTargetsRepository.prototype), {
    pool: {
      query: async (sql: string, parameters: unknown[]) => {
        await explain('lookup of 500 codes', sql, parameters);
        return { rows: [] };
      },
    },
  }) as RedirectTargetsRepository;
  await targets.findTargets(Array.from({ length: 500 }, (_, n) => codeOf(n * 7)));
  const pages = async (name: string, filter: Partial<LinkFilter>): Promise<void> => {
    let step = 0;
    const query = async (sql: string, parameters: unknown[]): Promise<object[]> => {
      if (/set_config|^EXPLAIN/.test(sql))
        return (await client.query<object>(sql, parameters)).rows;
      step += 1;
      await explain(`${name}, step ${step}`, sql, parameters);
      // As if nothing was found, so that all steps are taken.
      return sql.includes('searched_to') ? [{ ids: [], searched_to: linkOf(0, links).id }] : [];
    };
    const transaction = async (work: () => Promise<unknown>): Promise<unknown> => {
      await client.query('BEGIN');
      const result = await work();
      await client.query('COMMIT');
      return result;
    };
    const explaining = { query, transaction } as unknown as DatabaseService;
    await new LinkPagesRepository(explaining).find([workspaceId], { limit: 51, ...filter });
  };
  await pages('list', {});
  await pages('list, deep page', { beforeId: linkOf(links >> 1, links).id });
  for (const frequency of ['common', 'rare', 'outdated', 'none'] as const) {
    await pages(`search, ${frequency}`, { texts: [FINDABLE[frequency]] });
    await pages(`tag, ${frequency}`, { tag: FINDABLE[frequency] });
  }
  return plans;
}

function accessesOf(node: PlanNode): string[] {
  const own = node['Index Name'] ?? (node['Node Type'] === 'Seq Scan' ? SEQUENTIAL : undefined);
  return [...(own === undefined ? [] : [own]), ...(node.Plans ?? []).flatMap(accessesOf)];
}

export const SEQUENTIAL = 'SEQUENTIAL SCAN';
