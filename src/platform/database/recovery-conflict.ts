/**
 * SQLSTATEs of what a standby gives up because it has to replay a change that is in its way. On the
 * database itself a statement that only reads, in a transaction of its own, gets neither.
 */
const CONFLICT = /^(40001|40P01)$/;

/**
 * Runs the work, which only reads, and once more if a standby gave it up.
 * @throws Error that counts as an unavailable database, if it was given up again
 */
export async function retryRecoveryConflict<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
  try {
    return await work();
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new Error('given up twice because of a conflict with recovery', { cause: error });
  }
}

const isConflict = (error: unknown): boolean =>
  CONFLICT.test(String((error as { code?: unknown } | undefined)?.code));
