import { QueryFailedError } from 'typeorm';

/** Whether the statement failed on this constraint (SQLSTATE class 23), whichever kind it is. */
export function violates(error: unknown, constraint: string): boolean {
  return (
    error instanceof QueryFailedError &&
    (error.driverError as { constraint?: string }).constraint === constraint
  );
}
