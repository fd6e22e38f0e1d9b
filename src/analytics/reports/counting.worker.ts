import { parentPort } from 'node:worker_threads';
import { GroupCounters, type PortableCounts } from './group-counters.js';
import { release } from './kept-counts.js';
import type { PackSelection } from './pack-counter.js';
import type { ReportPlan } from './report-plan.js';
import type { PackRow } from './stored-pack.js';

/** What to count. */
export interface CountingTask {
  plan: ReportPlan;
  selection: PackSelection;
  packs: PackRow[];
}

const port = parentPort!;
let last: GroupCounters | undefined;

port.on('message', (task: CountingTask) => port.postMessage(count(task)));
port.postMessage('ready');

function count({ plan, selection, packs }: CountingTask): PortableCounts {
  // Nobody asks for more before what was counted last has been used.
  if (last) release(last.groups);
  last = new GroupCounters(plan, selection, new Map());
  for (const pack of packs) last.add(withBuffers(pack));
  return last.portable;
}

/** Buffers come as plain bytes from another thread. */
function withBuffers({ parts, ...head }: PackRow): PackRow {
  const buffers = Object.entries(parts).map(([name, bytes]) => [
    name,
    bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  ]);
  return { ...head, parts: Object.fromEntries(buffers) as PackRow['parts'] };
}
