import { expect } from '@jest/globals';

/** How often faults come at random moments: `npm run test:fault -- --runs 50`. */
export const FAULT_RUNS = Number(process.env['FAULT_RUNS'] ?? 2);

/**
 * How long something may take: as long as is promised in a long run, on a machine that is left to it,
 * and longer beside other work.
 */
export const within = (promisedMs: number, busyMs: number): number =>
  FAULT_RUNS >= 10 ? promisedMs : busyMs;

/** A moment that nobody has chosen, from now until then. */
export const randomMs = (most: number): number => Math.floor(Math.random() * most);

/** Prints what was measured: numbers to be read, which depend on the machine too much to be held. */
export function report(text: string): void {
  process.stdout.write(`  ${expect.getState().currentTestName}\n    ${text}\n`);
}
