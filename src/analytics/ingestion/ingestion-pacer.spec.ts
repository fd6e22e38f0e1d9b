import { describe, expect, it } from '@jest/globals';
import { IngestionPacer } from './ingestion-pacer.js';

describe(IngestionPacer.name, () => {
  it.each([
    ['lets clicks through while redirects are quiet', 0.5, 0, true],
    ['holds clicks back while redirects are busy', 0.95, 4_999, false],
    ['holds nothing back that would wait for too long', 1, 5_000, true],
  ])('%s', (_, load, lagMs, may) => {
    expect(new IngestionPacer(() => load, 15_000).mayIngest(lagMs)).toBe(may);
  });
});
