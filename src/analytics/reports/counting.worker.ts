import { parentPort, workerData } from 'node:worker_threads';
import { GroupCounters, type PortableCounts } from './group-counters.js';
import { release } from './kept-counts.js';
import { PackCache } from './pack-cache.js';
import type { PackSelection } from './pack-counter.js';
import { partsNeeded } from './pack-needs.js';
import type { ReportPlan } from './report-plan.js';
import { buffersOf, type PackHead, type PackParts } from './stored-pack.js';

export interface CountingWorkerData {
  /** How much of packs stays in memory at most. */
  cacheBytes: number;
}

/** What to count. */
export interface CountingTask {
  plan: ReportPlan;
  selection: PackSelection;
}

/** To count packs, or to keep one. */
export type CountingRequest =
  { task: CountingTask; heads: PackHead[] } | { packId: string; parts: PackParts };

export interface CountingOutcome {
  /** What is in memory that threads share is gone with the next question. */
  counts: PortableCounts;
  /** The ids of packs that are not there. */
  missing: string[];
}

const port = parentPort!;
const cache = new PackCache((workerData as CountingWorkerData).cacheBytes);

/**
 * Where sums are handed over. Once a thread has handed a buffer itself over, V8 checks each access to any
 * buffer: all that is counted takes a fifth longer.
 */
let shared = new SharedArrayBuffer(0);

port.on('message', (request: CountingRequest) => {
  if ('parts' in request) cache.keep(request.packId, buffersOf(request.parts));
  else port.postMessage(count(request.task, request.heads));
});

function count({ plan, selection }: CountingTask, heads: PackHead[]): CountingOutcome {
  const counters = new GroupCounters(plan, selection, new Map());
  const { found, missing } = cache.findAll(heads, partsNeeded(plan, selection));
  for (const pack of found) counters.add(pack);
  const counts = inSharedMemory(counters.portable);
  release(counters.groups);
  return { counts, missing };
}

function inSharedMemory({ clicks, groups }: PortableCounts): PortableCounts {
  const length = groups.reduce((sum, { sums }) => sum + sums.links.sums.byteLength, 0);
  if (length > shared.byteLength) shared = new SharedArrayBuffer(2 * length);
  let end = 0;
  const moved = groups.map(({ group, ids, sums }) => {
    const { pages, sums: own } = sums.links;
    const copy = new Float64Array(shared, end, own.length);
    copy.set(own);
    end += own.byteLength;
    return { group, ids, sums: { ...sums, links: { pages, sums: copy } } };
  });
  return { clicks, groups: moved };
}
