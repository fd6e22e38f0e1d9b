import { describe, expect, it } from '@jest/globals';
import { withScope } from '../../common/request-context.js';
import { AppLogger } from './app.logger.js';

function logger(level: 'info' | 'debug' | 'trace' = 'info') {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  return { lines, log: new AppLogger({ level, format: 'json' }, { write }) };
}

describe(AppLogger.name, () => {
  it('writes one JSON object a line, with the name of the level and the time', () => {
    const { lines, log } = logger();
    log.warn('Disk nearly full', 'Spool');
    expect(lines).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        context: 'Spool',
        msg: 'Disk nearly full',
      },
    ]);
  });

  it('names the request being served', async () => {
    const { lines, log } = logger();
    await withScope({ requestId: 'r-1' }, async () => log.log('Working', 'Links'));
    expect(lines[0]).toMatchObject({ requestId: 'r-1' });
  });

  it('spreads the fields of an object', () => {
    const { lines, log } = logger();
    log.log({ msg: 'GET /api 200', status: 200, token: 't' }, 'Request');
    expect(lines[0]).toMatchObject({ msg: 'GET /api 200', status: 200, token: '[redacted]' });
  });

  it('writes the stack of an error', () => {
    const { lines, log } = logger();
    log.error('It failed', 'Error: x\n    at y', 'Links');
    log.error(new TypeError('no'), 'Links');
    expect(lines[0]).toMatchObject({ msg: 'It failed', stack: 'Error: x\n    at y' });
    expect(lines[1]).toMatchObject({ msg: 'no', err: { type: 'TypeError' } });
  });

  it('hides credentials in messages', () => {
    const { lines, log } = logger();
    log.error('postgres://app:hunter2@db/signpost refused', 'Database');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('writes what Nest tells about every module only at debug', () => {
    const quiet = logger();
    quiet.log.log('AppModule dependencies initialized', 'InstanceLoader');
    expect(quiet.lines).toEqual([]);
    const chatty = logger('debug');
    chatty.log.log('AppModule dependencies initialized', 'InstanceLoader');
    expect(chatty.lines).toMatchObject([{ level: 'debug' }]);
  });
});
