import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestUser } from '../support/api.js';
import { cleanEnvironment, signpost } from '../support/environment.js';
import { startServer, type TestServer } from '../support/server.js';
import { TemporaryDirectory } from '../support/temporary-directory.js';

describe('signpost import and export', () => {
  const directory = new TemporaryDirectory();
  let server: TestServer;
  let workspace: string;
  let apiKey: string;

  beforeAll(async () => {
    server = await startServer();
    const user = await TestUser.register(server.url);
    workspace = (await user.get('/workspaces')).body['items'][0]['id'] as string;
    const wanted = { name: 'Mover', scopes: ['links:read', 'links:write'] };
    apiKey = (await user.post(`/workspaces/${workspace}/api-keys`, wanted)).body['key'] as string;
  });
  afterAll(async () => {
    await server.remove();
    directory.remove();
  });

  const run = (
    args: string[],
    env: Record<string, string> = { SIGNPOST_API_KEY: apiKey },
  ): Promise<[code: number, stdout: string, stderr: string]> =>
    new Promise((resolve) => {
      const options = { env: cleanEnvironment({ SIGNPOST_URL: server.url, ...env }) };
      execFile(process.execPath, signpost(...args), options, (error, stdout, stderr) =>
        resolve([Number(error?.code ?? 0), stdout, stderr]),
      );
    });
  const file = (name: string, text: string): string => {
    const path = join(directory.path, name);
    writeFileSync(path, text);
    return path;
  };

  it('move links from the shell, with a report, and say by the exit code whether all went well', async () => {
    const links = file('links.txt', 'https://example.com/ one\nhttps://example.com/ two\n');
    const [tried, , trial] = await run(['import', links, '--workspace', workspace, '--dry-run']);
    expect([tried, trial]).toEqual([0, expect.stringContaining('It would be: 2 created')]);
    const key = file('key', `${apiKey}\n`);
    const report = join(directory.path, 'report.jsonl');
    const [code, , told] = await run(
      ['import', links, '--workspace', workspace, '--report', report],
      { SIGNPOST_API_KEY_FILE: key },
    );
    expect([code, told]).toEqual([0, expect.stringContaining('2 created, 0 updated')]);
    expect(told).toContain('done: 2 of 2\n');
    const records = readFileSync(report, 'utf8').trim().split('\n');
    expect(records.map((line) => (JSON.parse(line) as { linkCode: string }).linkCode)).toEqual([
      'one',
      'two',
    ]);

    const [exported, table] = await run(['export', '--workspace', workspace, '--format', 'csv']);
    expect(exported).toBe(0);
    expect(table).toMatch(/^id,domain,code,.*\r\n.*,one,.*\r\n.*,two,.*\r\n$/);

    const wrong = file('wrong.txt', 'https://example.com/ three\nftp://example.com/ four\n');
    expect((await run(['import', wrong, '--workspace', workspace]))[0]).toBe(1);
  });

  it.each([
    [
      'without a key',
      (): [string[], Record<string, string>] => [['export', '--workspace', workspace], {}],
      'SIGNPOST_API_KEY',
    ],
    ['without a workspace', (): [string[], undefined] => [['export'], undefined], 'usage:'],
    [
      'of a broken file',
      (): [string[], undefined] => [
        ['import', file('a.csv', 'nothing'), '--workspace', workspace],
        undefined,
      ],
      'cannot be told',
    ],
  ])('say what is wrong %s', async (_name, given, words) => {
    const [code, stdout, stderr] = await run(...(given() as [string[], undefined]));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain(apiKey);
  });
});
