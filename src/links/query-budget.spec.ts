import { describe, expect, it } from '@jest/globals';
import { QueryBudget } from './query-budget.js';

describe(QueryBudget.name, () => {
  it('allows what was saved up at once, and then so many a second', () => {
    let now = 0;
    const budget = new QueryBudget(100, 5, () => now);
    const taken = () => {
      let count = 0;
      while (budget.take() === 0) count += 1;
      return count;
    };
    expect(taken()).toBe(5);
    now += 8;
    expect(budget.take()).toBe(2);
    now += 2;
    expect(taken()).toBe(1);
    now += 50;
    expect(taken()).toBe(5);
    now += 3_600_000;
    expect(taken()).toBe(5);
  });
});
