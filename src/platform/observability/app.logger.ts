import cluster from 'node:cluster';
import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Level, type Logger as Pino, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LoggingConfig } from '../../../config/logging.config.js';
import { currentRequest } from '../../common/request-context.js';
import { redact, redactText } from './redact.js';

/** What Nest tells about every module and route at `info`, although it is of no use in production. */
const NEST_CHATTER = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** The logger behind Nest's `Logger`: one JSON object a line, or text for a person at a terminal. */
export class AppLogger implements LoggerService {
  readonly isPretty: boolean;
  private readonly pino: Pino;
  private readonly destination: DestinationStream & { flushSync?(): void };

  constructor(config: Pick<LoggingConfig, 'level' | 'format'>, destination?: DestinationStream) {
    this.isPretty =
      config.format === 'pretty' || (config.format === 'auto' && process.stdout.isTTY);
    this.destination = destination ?? (this.isPretty ? prettyStdout() : bufferedStdout());
    this.pino = pino(
      {
        level: config.level,
        // Which of the workers speaks; a single process needs no name.
        base: cluster.isWorker ? { pid: process.pid } : null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        // Errors arrive here redacted; pino's own serializer would take them for plain objects.
        serializers: { err: (redacted: unknown) => redacted },
      },
      this.destination,
    );
  }

  log = (message: unknown, ...rest: unknown[]): void =>
    this.write(NEST_CHATTER.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  info = (message: unknown, ...rest: unknown[]): void => this.write('info', message, rest);
  warn = (message: unknown, ...rest: unknown[]): void => this.write('warn', message, rest);
  debug = (message: unknown, ...rest: unknown[]): void => this.write('debug', message, rest);
  verbose = (message: unknown, ...rest: unknown[]): void => this.write('trace', message, rest);
  error = (message: unknown, ...rest: unknown[]): void => this.write('error', message, rest);
  fatal = (message: unknown, ...rest: unknown[]): void => this.write('fatal', message, rest);

  isLevelEnabled(level: Level): boolean {
    return this.pino.isLevelEnabled(level);
  }

  /** Writes out what is still in memory; call it before the process ends. */
  flush(): void {
    this.destination.flushSync?.();
  }

  /** Nest hands over `(message, context)`, and for errors `(message, stack, context)`. */
  private write(level: Level, message: unknown, rest: unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
    const details = context === undefined ? rest : rest.slice(0, -1);
    // The client may have chosen it.
    const requestId = redact(currentRequest()?.requestId);
    const fields: Record<string, unknown> = { context, requestId };
    let text = typeof message === 'string' ? message : undefined;
    if (message instanceof Error) {
      text = message.message;
      fields['err'] = redact(message);
    } else if (text === undefined) {
      const { msg, ...others } = redact(Object(message)) as Record<string, unknown>;
      text = typeof msg === 'string' ? msg : undefined;
      Object.assign(fields, others);
    }
    for (const detail of details) {
      if (detail instanceof Error) fields['err'] = redact(detail);
      else if (typeof detail === 'string') fields['stack'] = redactText(detail);
      else if (detail !== undefined) fields['details'] = redact(detail);
    }
    this.pino[level](fields, text === undefined ? undefined : redactText(text));
  }
}

/** Collects lines and writes them asynchronously: a slow reader of the log must not hold requests up. */
function bufferedStdout() {
  const destination = pino.destination({ dest: 1, sync: false });
  process.once('exit', () => destination.flushSync());
  return destination;
}

/** Written at once, so that the last words of a process are seen. */
function prettyStdout(): DestinationStream {
  const prettify = prettyFactory({
    colorize: process.stdout.isTTY,
    ignore: 'context',
    messageFormat: '{if context}[{context}] {end}{msg}',
  });
  return { write: (line) => void process.stdout.write(prettify(line)) };
}
