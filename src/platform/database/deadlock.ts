import { QueryFailedError } from 'typeorm';

const DEADLOCK_DETECTED = '40P01';

/** Whether PostgreSQL has ended the statement because two transactions waited for each other. */
export const isDeadlock = (error: unknown): boolean =>
  error instanceof QueryFailedError &&
  (error.driverError as { code?: string }).code === DEADLOCK_DETECTED;
