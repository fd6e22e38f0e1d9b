import { PostgresCluster } from '../test/support/postgres-cluster.ts';

/** As an operator would set up a small server; commits are synced, unlike in the tests. */
const SETTINGS = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
};

/** For the reader of the results. */
export const POSTGRES = `throwaway, fsync ${SETTINGS.fsync}, synchronous_commit ${SETTINGS.synchronous_commit}, shared_buffers ${SETTINGS.shared_buffers}`;

/** The PostgreSQL of a benchmark, where none is given. */
export const startPostgres = (): Promise<PostgresCluster> => PostgresCluster.start(SETTINGS);
