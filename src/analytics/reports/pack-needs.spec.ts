import { describe, expect, it } from '@jest/globals';
import { PackNeeds } from './pack-needs.js';
import { PACK_PARTS } from '../pack-layout.js';
import { planReport } from './report-plan.js';
import type { Filter, ReportSelection } from './reports.types.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const US: Filter = { dimension: 'country', only: ['US'], not: [] };
const LINK = { linkIds: ['one'] };
const CHROME: Filter = { dimension: 'browser', only: ['Chrome'], not: [] };

/** Of three days, in UTC unless `shift` says otherwise, of a workspace. */
function needs(changes: Partial<ReportSelection>, shift = 0): PackNeeds {
  const selection: ReportSelection = {
    scope: { workspaceId: 'ours' },
    range: { from: DAY - shift, to: 4 * DAY - shift },
    starts: [DAY, 2 * DAY, 3 * DAY].map((start) => start - shift),
    groupBy: [],
    filters: [],
    limit: 10,
    ...changes,
  };
  const plan = planReport(selection);
  return new PackNeeds(plan, selection, plan.rolledUp);
}

const ALL = [DAY, 2 * DAY, 3 * DAY];

describe(PackNeeds.name, () => {
  /** The parts that are needed of any day, each with these. */
  const partsOf = (those: PackNeeds): Record<string, number[]> =>
    Object.fromEntries(
      PACK_PARTS.workspace
        .map((part) => [part, those.of(part).toSorted((a, b) => a - b)] as const)
        .filter(([, days]) => days.length > 0),
    );

  it('are links alone, if nothing is asked of the clicks', () => {
    expect(partsOf(needs({}))).toEqual({ links: ALL });
  });

  it('are clicks on the edges of a range', () => {
    const edges = [0, 3 * DAY];
    expect(partsOf(needs({}, 2 * HOUR))).toEqual({
      links: [0, ...ALL],
      rows: edges,
      row_quarters: edges,
      row_links: edges,
    });
  });

  it('are rows, where the values of one dimension are asked by another', () => {
    expect(partsOf(needs({ scope: LINK, filters: [US], groupBy: ['browser'] }))).toEqual({
      rows: ALL,
    });
  });

  it('are the links of rows besides, if it is a workspace', () => {
    for (const filters of [[US], [US, CHROME]]) {
      expect(partsOf(needs({ filters }))).toEqual({ rows: ALL, links: ALL, row_links: ALL });
    }
  });

  it('are the times of rows, where days of a link are cut', () => {
    const shifted = needs({ scope: LINK, filters: [US, CHROME], groupBy: ['os'] }, 2 * HOUR);
    expect(partsOf(shifted)).toEqual({ rows: [0, ...ALL], row_quarters: [0, ...ALL] });
  });

  it('are the rows of links, if it is asked what clicks of links with a tag are like', () => {
    const scope = { workspaceId: 'ours', tag: 'sale' };
    expect(partsOf(needs({ scope }))).toEqual({ links: ALL });
    expect(partsOf(needs({ scope, groupBy: ['country'] }))).toEqual({
      links: ALL,
      rows: ALL,
      link_rows: ALL,
    });
    expect(partsOf(needs({ scope, groupBy: [] }, 2 * HOUR))).toMatchObject({
      link_rows: [0, ...ALL],
      link_quarters: [0, ...ALL],
      row_links: [0, 3 * DAY],
      row_quarters: [0, 3 * DAY],
    });
  });
});
