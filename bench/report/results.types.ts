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
  sustained: Sustained[];
  isolation?: Isolation;
  startup: Startup[];
}
