import type { Cores } from '../cores.ts';
import { AUTOCANNON } from './autocannon.ts';
import type { LoadGenerator } from './load.types.ts';
import { findWrk } from './wrk.ts';

/** wrk where it is installed: it is at its limit later than anything that runs on Node. */
export const findLoadGenerator = (cores: Cores): LoadGenerator => findWrk(cores) ?? AUTOCANNON;
