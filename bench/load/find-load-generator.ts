import type { Cores } from '../cores.ts';
import type { LoadGenerator } from './load.types.ts';
import { findWrk } from './wrk.ts';

export function findLoadGenerator(cores: Cores): LoadGenerator {
  const wrk = findWrk(cores);
  if (!wrk) throw new Error('no wrk');
  return wrk;
}
