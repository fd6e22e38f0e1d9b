import type { Isolation } from '../isolation.ts';
import type { Measurement } from '../measurement.ts';
import type { Startup } from '../startup.ts';
import type { Sustained } from '../sustained.ts';

/** What results.json holds. */
export interface Results {
  /** Where and how it was measured. */
  about: {
    date: string;
    machine: string;
    node: string;
    postgres: string;
    loadGenerator: string;
    cores: string;
    connections: number;
    rounds: number;
    secondsPerMeasurement: number;
  };
  /** Everybody in turns, with ingestion running. */
  burst: Measurement[];
  /** Those that have a database, while it has the server's core. */
  oneCore: Measurement[];
  /** Workers, on all cores, which the load generator and PostgreSQL have, too. */
  workers: Measurement[];
  sustained: Sustained[];
  isolation?: Isolation;
  startup: Startup[];
}
