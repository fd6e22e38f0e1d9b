import { describe, expect, it } from '@jest/globals';
import { type Need, PackNeeds } from './pack-needs.js';
import { planReport } from './report-plan.js';
import type { Filter, ReportSelection } from './reports.types.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const US: Filter = { dimension: 'country', only: ['US'], not: [] };
const CHROME: Filter = { dimension: 'browser', only: ['Chrome'], not: [] };

/** Of three days, in UTC unless `shift` says otherwise, of a workspace. */
function needs(changes: Partial<ReportSelection>, shift = 0): PackNeeds {
  const selection: ReportSelection = {
    scope: { workspaceId: 'ours' },
    range: { from: DAY - shift, to: 4 * DAY - shift },
    starts: [DAY, 2 * DAY, 3 * DAY].map((start) => start - shift),
    groupBy: ['link', 'tag'],
    filters: [],
    limit: 10,
    ...changes,
  };
  const plan = planReport(selection);
  return new PackNeeds(plan, selection, plan.rolledUp);
}

const ALL = [DAY, 2 * DAY, 3 * DAY];
const OF_ALL: Need = { days: ALL, unlessFolded: [] };
const NEVER: Need = { days: [], unlessFolded: [] };

describe(PackNeeds.name, () => {
  it('are links alone, if nothing is asked of the clicks', () => {
    expect(needs({}).of('link')).toEqual(OF_ALL);
    for (const part of ['kind', 'quarter', 'folded', 'country'] as const) {
      expect(needs({}).of(part)).toEqual(NEVER);
    }
  });

  it('are clicks on the edges of a range', () => {
    const shifted = needs({}, 2 * HOUR);
    for (const part of ['kind', 'quarter'] as const) {
      expect(shifted.of(part)).toEqual({ days: [0, 3 * DAY], unlessFolded: [] });
    }
    expect(shifted.of('link').days).toEqual([0, ...ALL]);
  });

  it('are folded clicks, where the values of one dimension are asked by another', () => {
    const those = needs({ filters: [US], groupBy: ['browser', 'link'] });
    expect(those.of('folded')).toEqual(OF_ALL);
    // Which links they are of is kept by value.
    for (const part of ['link', 'kind', 'country', 'agent'] as const) {
      expect(those.of(part)).toEqual({ days: [], unlessFolded: ALL });
    }
  });

  it('are all links, if a filter names what does not pass', () => {
    const not: Filter = { dimension: 'country', only: [], not: ['US'] };
    expect(needs({ filters: [not] }).of('link')).toEqual(OF_ALL);
  });

  it('are the clicks themselves, if links are asked that pass several filters', () => {
    const those = needs({ filters: [US, CHROME] });
    for (const part of ['link', 'kind', 'country', 'agent', 'folded'] as const) {
      expect(those.of(part)).toEqual(OF_ALL);
    }
    const values = needs({ filters: [US, CHROME], groupBy: ['os'] });
    expect(values.of('kind')).toEqual({ days: [], unlessFolded: ALL });
  });

  it('are the clicks of links with a tag, if it is asked what they are like', () => {
    const scope = { workspaceId: 'ours', tag: 'sale' };
    expect(needs({ scope }).of('kind')).toEqual(NEVER);
    const those = needs({ scope, groupBy: ['country', 'link'] });
    for (const part of ['link', 'kind', 'country'] as const) expect(those.of(part)).toEqual(OF_ALL);
    expect(those.of('folded')).toEqual(NEVER);
  });
});
