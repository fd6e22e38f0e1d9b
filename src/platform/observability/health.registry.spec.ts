import { describe, expect, it } from '@jest/globals';
import { HealthRegistry } from './health.registry.js';

describe(HealthRegistry.name, () => {
  it('collects what the features report', async () => {
    const registry = new HealthRegistry();
    registry.register('spool', () => ({ status: 'degraded', reason: 'disk nearly full' }));
    registry.register('cache', async () => ({ status: 'up', size: 3 }));
    expect(await registry.reports()).toEqual({
      spool: { status: 'degraded', reason: 'disk nearly full' },
      cache: { status: 'up', size: 3 },
    });
  });

  it('takes a check that throws for down', async () => {
    const registry = new HealthRegistry();
    registry.register('spool', () => Promise.reject(new Error('gone')));
    expect(await registry.reports()).toEqual({ spool: { status: 'down', reason: 'gone' } });
  });
});
