import { QueryFailedError } from 'typeorm';

/** Whether PostgreSQL gave the statement up, because it took longer than statement_timeout allows. */
export const isStatementTimeout = (error: unknown): boolean =>
  error instanceof QueryFailedError &&
  (error.driverError as { code?: string }).code === QUERY_CANCELED;

const QUERY_CANCELED = '57014';
