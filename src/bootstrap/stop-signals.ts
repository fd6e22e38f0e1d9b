export type StopSignal = 'SIGTERM' | 'SIGINT';

type Handler = (signal: StopSignal) => void;

let handler: Handler = () => process.exit(0);

/**
 * From here on SIGTERM and Ctrl-C end the process as a normal stop does, at once, until somebody
 * stops it in a better way. What it had begun is in the state that the next start finds after a SIGKILL.
 */
export function exitOnStopSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => handler(signal));
  }
}

/** Takes over what happens on SIGTERM and Ctrl-C. */
export function onStopSignal(next: Handler): void {
  handler = next;
}
