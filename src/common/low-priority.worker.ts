import { lowerThreadPriority } from './thread-priority.js';

// First of all: to load what follows takes the core as well.
lowerThreadPriority();
await import(process.argv[2]!);
