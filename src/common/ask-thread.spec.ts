import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from '@jest/globals';
import { askThread } from './ask-thread.js';

describe(askThread.name, () => {
  let worker: Worker;
  afterEach(() => worker.terminate());

  const run = (answer: string): void => {
    const script = `const { parentPort } = require('node:worker_threads');
      parentPort.on('message', (task) => { ${answer} });`;
    worker = new Worker(script, { eval: true });
  };

  it('hands over one task after the other', async () => {
    run('parentPort.postMessage(2 * task)');
    expect(await askThread(worker, 3)).toBe(6);
    expect(await askThread(worker, 4)).toBe(8);
    expect(worker.listenerCount('message') + worker.listenerCount('exit')).toBe(0);
  });

  it('fails with what the thread has failed with', async () => {
    run(`throw new Error('no ' + task)`);
    await expect(askThread(worker, 'memory')).rejects.toThrow('no memory');
  });

  it('fails if the thread ends instead of answering', async () => {
    run('process.exit()');
    await expect(askThread(worker, 1)).rejects.toThrow('ended');
  });
});
