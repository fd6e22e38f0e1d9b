import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';

export const PGLITE_OPTIONS = {
  /** What the migrations ask for with CREATE EXTENSION. */
  extensions: { btree_gin, pg_trgm },
  // 128 MB, the default, would be half of the memory of the process; the system caches files, too.
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'],
};
