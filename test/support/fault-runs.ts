/** How often faults come at random moments: `npm run test:fault -- --runs 50`. */
export const FAULT_RUNS = Number(process.env['FAULT_RUNS'] ?? 3);

/** A moment that nobody has chosen, from now until then. */
export const randomMs = (most: number): number => Math.floor(Math.random() * most);
