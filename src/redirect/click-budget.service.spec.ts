import { describe, expect, it } from '@jest/globals';
import { ClickBudgetService } from './click-budget.service.js';
import type { RedirectTarget } from '../links/links.types.js';

describe(ClickBudgetService.name, () => {
  const limited = (): RedirectTarget => ({
    linkId: 'limited',
    url: 'https://example.com/',
    status: 302,
    startsAt: null,
    expiresAt: null,
    maxClicks: 10,
    withheld: null,
  });

  const budgetOf = (left: number) => {
    let statements = 0;
    const service = new ClickBudgetService({
      spendClicks: (_: string, wanted: number) => {
        statements += 1;
        const granted = Math.min(left, wanted);
        left -= granted;
        return Promise.resolve(granted);
      },
    } as never);
    return { service, statements: () => statements };
  };

  it('grants ten of a thousand visitors who come at once, with few statements', async () => {
    const { service, statements } = budgetOf(10);
    const target = limited();
    const granted = await Promise.all(Array.from({ length: 1_000 }, () => service.spend(target)));
    expect(granted.filter(Boolean)).toHaveLength(10);
    expect(statements()).toBeLessThanOrEqual(2);
  });

  it('does not ask again once all is spent', async () => {
    const { service, statements } = budgetOf(0);
    const target = limited();
    await service.spend(target);
    await service.spend(target);
    expect(statements()).toBe(1);
  });

  it('asks once for all who want to know at the same time whether something is left', async () => {
    let answers = 0;
    const service = new ClickBudgetService({
      isSpent: async () => (answers += 1) > 1,
    } as never);
    const target = limited();
    const ask = () => Promise.all([1, 2, 3].map(() => service.isSpent(target)));
    expect([await ask(), await ask(), answers]).toEqual([
      [false, false, false],
      [true, true, true],
      2,
    ]);
    target.spent = true;
    expect([await service.isSpent(target), answers]).toEqual([true, 2]);
  });

  it('tells everybody who waits that the database failed, and works when it is back', async () => {
    let isDown = true;
    const service = new ClickBudgetService({
      spendClicks: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve(1)),
    } as never);
    const target = limited();
    await expect(service.spend(target)).rejects.toThrow('down');
    isDown = false;
    expect(await service.spend(target)).toBe(true);
  });
});
