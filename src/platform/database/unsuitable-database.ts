import type { DataSource } from 'typeorm';

const ENCODING = 'UTF8';

/** The database can never be used as it is; the message is all that the operator needs. */
export class UnsuitableDatabase extends Error {
  override readonly name = UnsuitableDatabase.name;
}

/**
 * In another encoding some text cannot be stored, or is stored as bytes that nobody can read.
 * @throws UnsuitableDatabase
 */
export async function insistOnUtf8(dataSource: Pick<DataSource, 'query'>): Promise<void> {
  const [row] = await dataSource.query<{ encoding: string }[]>(
    `SELECT current_setting('server_encoding') AS encoding`,
  );
  const { encoding } = row!;
  if (encoding === ENCODING) return;
  throw new UnsuitableDatabase(
    `The encoding of the database is ${encoding}, and must be ${ENCODING}, which cannot be changed later: make another database with CREATE DATABASE … ENCODING '${ENCODING}' TEMPLATE template0, and set DATABASE_URL.`,
  );
}
