import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from '../../common/uuid.js';
import { SpoolWriter } from '../recording/spool-writer.js';
import { aClick } from '../recording/click.fake.js';
import { encodeClick } from '../common/spool-format.js';
import { isPart, partId } from './quarantine.js';
import { SpoolReader } from './spool-reader.js';

const line = encodeClick(aClick);

describe(SpoolReader.name, () => {
  let root: string;
  let reader: SpoolReader;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'signpost-spool-'));
    reader = new SpoolReader(root);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** A directory that a killed process has left. */
  function deadWriter(files: Record<string, string>): string {
    const directory = join(root, uuidv7());
    mkdirSync(directory);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    utimesSync(directory, new Date(0), new Date(0));
    return directory;
  }

  /** Looks until it finds something; a writer just seen is given a second to show that it lives. */
  async function find(count: number) {
    for (let tries = 0; tries < 40; tries += 1) {
      const found = await reader.findSegments();
      if (found.length >= count) return found;
      await sleep(100);
    }
    return [];
  }

  it('takes what a dead writer has left open, and removes its directory in the end', async () => {
    const directory = deadWriter({ [`${uuidv7()}.open`]: line });
    const [segment] = await find(1);
    const { records } = await reader.read(segment!);
    expect(records).toHaveLength(1);
    await reader.discard({ ...segment!, records, marked: [], corruptLines: [] });
    for (let tries = 0; existsSync(directory) && tries < 40; tries += 1) {
      await reader.findSegments();
      await sleep(100);
    }
    expect(existsSync(directory)).toBe(false);
  });

  it('leaves the open segment of a living writer alone, and takes it once it is sealed', async () => {
    const writer = new SpoolWriter(root);
    await writer.prepare();
    writer.append(Buffer.from(line), Date.now());
    for (let tries = 0; tries < 15; tries += 1) {
      expect(await reader.findSegments()).toEqual([]);
      await sleep(100);
    }
    writer.seal();
    expect(await reader.findSegments()).toHaveLength(1);
    await writer.close();
  });

  it('brings segments in the order they were begun', async () => {
    const ids = [uuidv7(1_795_000_000_002), uuidv7(1_795_000_000_001)];
    deadWriter({ [`${ids[0]}.sealed`]: line });
    deadWriter({ [`${ids[1]}.sealed`]: line });
    expect((await reader.findSegments()).map(({ id }) => id)).toEqual([ids[1], ids[0]]);
  });

  it('keeps damaged lines aside and reads all others', async () => {
    deadWriter({
      [`${uuidv7()}.sealed`]: `${line}${line.replace('Firefox', 'Fjrefox')}${line}torn`,
    });
    const [file] = await reader.findSegments();
    const segment = await reader.read(file!);
    expect(segment.records).toHaveLength(2);
    expect(segment.corruptLines).toHaveLength(2);
    await reader.discard(segment);
    const aside = join(root, 'quarantine', `${segment.id}.corrupt`);
    expect(readFileSync(aside, 'utf8')).toContain('Fjrefox');
    expect(existsSync(file!.path)).toBe(false);
  });

  it('never takes what was marked for a part of its segment again, and makes one of its own of it', async () => {
    const other = encodeClick({ ...aClick, language: 'fr' });
    deadWriter({ [`${uuidv7()}.sealed`]: `${line}${other}damaged\n${line}` });
    const [file] = await reader.findSegments();
    await reader.mark(await reader.read(file!), new Map([[1, 'refused']]));
    // As the next process finds it.
    const segment = await reader.read(file!);
    expect(segment).toMatchObject({ corruptLines: [], marked: [{ mark: 'refused' }] });
    expect(segment.records).toEqual([aClick, aClick]);
    await reader.discard(segment);
    await reader.discard(segment);
    await reader.quarantine.look();
    expect(reader.quarantine.counts).toEqual({ refused: 1, corrupt: 1 });
    expect(await reader.quarantine.restore()).toBe(1);
    const [part] = await reader.findSegments();
    expect([part!.id, isPart(part!.id)]).toEqual([partId(segment.id, 'refused'), true]);
    expect((await reader.read(part!)).records).toMatchObject([{ language: 'fr' }]);
    // Nothing is kept aside of what is stored.
    await reader.discard(segment, new Set([part!.id]));
    await reader.quarantine.look();
    expect(reader.quarantine.counts).toEqual({ refused: 0, corrupt: 1 });
  });

  it('loses neither neighbour of a damaged newline', async () => {
    deadWriter({ [`${uuidv7()}.sealed`]: line + `${line.trimEnd()}?${line}` + line });
    const [file] = await reader.findSegments();
    expect((await reader.read(file!)).records).toHaveLength(4);
  });

  it('reads an empty segment as no clicks', async () => {
    deadWriter({ [`${uuidv7()}.sealed`]: '' });
    const [file] = await reader.findSegments();
    expect(await reader.read(file!)).toMatchObject({ records: [], marked: [], corruptLines: [] });
  });

  it('puts foreign files aside and counts them', async () => {
    deadWriter({ 'notes.txt': 'hello', [`${uuidv7()}.sealed`]: line });
    expect(await reader.findSegments()).toHaveLength(1);
    expect(reader.foreignFiles).toBe(1);
    expect(readdirSync(join(root, 'quarantine'))).toEqual([expect.stringContaining('notes.txt')]);
  });

  it('does so in the root of the spool too, and keeps two of the same name', async () => {
    for (const text of ['one', 'two']) {
      writeFileSync(join(root, 'notes.txt'), text);
      await reader.findSegments();
    }
    mkdirSync(join(root, 'lost+found'));
    writeFileSync(join(root, '.nfs0001'), '');
    writeFileSync(join(root, 'ingester.lock'), '');
    expect(await reader.findSegments()).toEqual([]);
    expect(reader.foreignFiles).toBe(2);
    const aside = readdirSync(join(root, 'quarantine'));
    const texts = aside.map((name) => readFileSync(join(root, 'quarantine', name), 'utf8'));
    expect(texts.toSorted()).toEqual(['one', 'two']);
    expect(readdirSync(root).toSorted()).toEqual([
      '.nfs0001',
      'ingester.lock',
      'lost+found',
      'quarantine',
    ]);
  });

  it('tells how long the oldest segment waits, to whom it is not', async () => {
    expect(await reader.waitingSince()).toBeUndefined();
    deadWriter({ [`${uuidv7(1_795_000_000_002)}.sealed`]: line, 'notes.sealed': '' });
    deadWriter({ [`${uuidv7(1_795_000_000_001)}.sealed`]: line, [`${uuidv7(1)}.open`]: line });
    expect(await reader.waitingSince()).toBe(1_795_000_000_001);
  });
});
