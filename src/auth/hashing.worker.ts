import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcrypt';

/** What to do: hash the password at a cost, or compare it with a hash. */
export type HashingTask = { password: string; cost: number } | { password: string; hash: string };

export type HashingOutcome = { result: string | boolean } | { error: string };

const port = parentPort!;
port.on('message', (task: HashingTask) => port.postMessage(outcomeOf(task)));

function outcomeOf(task: HashingTask): HashingOutcome {
  try {
    if ('cost' in task) return { result: bcrypt.hashSync(task.password, task.cost) };
    return { result: bcrypt.compareSync(task.password, task.hash) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
