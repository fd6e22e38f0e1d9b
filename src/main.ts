import { exitOnStopSignals } from './bootstrap/stop-signals.js';

// First of all: the application takes a while to load, and PID 1 of a container would ignore signals.
exitOnStopSignals();
await (await import('./bootstrap/start.js')).start();
