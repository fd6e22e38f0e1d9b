import type { Connection, Submittable } from 'pg';

/** The signature, and the flags, of the binary format. */
const SIGNATURE_BYTES = 11;
const FLAGS_BYTES = 4;

/** One row: the bytes of each column in binary format; null is NULL. */
export type CopiedRow = (Buffer | null)[];

/**
 * Asks for rows with `COPY … TO STDOUT (FORMAT binary)` and hands over each as soon as it has
 * arrived: `pg` makes a string of every column of other queries, and waits for the last row.
 * @see https://www.postgresql.org/docs/current/sql-copy.html for the format
 */
export class CopyOut implements Submittable {
  /** Called by `pg` and set by it, too: it adds its timer. */
  callback: ((error?: Error) => void) | undefined;
  private isBegun = false;
  private failure: Error | undefined;

  /**
   * @param query a SELECT
   * @param onRow the bytes are those of the connection, and change after it has returned
   */
  constructor(
    private readonly query: string,
    private readonly onRow: (row: CopiedRow) => void,
  ) {}

  submit(connection: Connection): void {
    connection.query(`COPY (${this.query}) TO STDOUT (FORMAT binary)`);
  }

  /** There is one message for each row; the header comes before the first, in the same one. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    if (this.failure) return;
    try {
      let offset = 0;
      if (!this.isBegun) {
        const extensionAt = SIGNATURE_BYTES + FLAGS_BYTES;
        offset = extensionAt + 4 + chunk.readUInt32BE(extensionAt);
        this.isBegun = true;
      }
      const row = rowAt(chunk, offset);
      if (row) this.onRow(row);
    } catch (error) {
      this.failure = error as Error;
    }
  }

  handleCommandComplete(): void {
    // What follows says that the connection is ready.
  }

  handleReadyForQuery(): void {
    this.callback?.(this.failure);
  }

  handleError(error: Error): void {
    this.callback?.(error);
  }
}

/** @returns undefined at the end */
function rowAt(bytes: Buffer, start: number): CopiedRow | undefined {
  if (start >= bytes.length) return undefined;
  const columns = bytes.readInt16BE(start);
  if (columns === -1) return undefined;
  let offset = start + 2;
  return Array.from({ length: columns }, () => {
    const length = bytes.readInt32BE(offset);
    offset += 4;
    if (length === -1) return null;
    return bytes.subarray(offset, (offset += length));
  });
}
