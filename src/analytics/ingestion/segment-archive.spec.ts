import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '../../common/uuid.js';
import { HOUR_MS } from '../analytics.types.js';
import { SegmentArchive } from './segment-archive.js';
import type { SegmentFile } from './spool-reader.js';

describe(SegmentArchive.name, () => {
  let spoolRoot: string;
  let done: string;
  let time = Date.now();

  beforeEach(() => {
    spoolRoot = mkdtempSync(join(tmpdir(), 'signpost-kept-'));
    done = join(spoolRoot, 'done');
  });
  afterEach(() => rmSync(spoolRoot, { recursive: true, force: true }));

  function open(keepMs = 48 * HOUR_MS, keepMaxBytes = 2 ** 30): SegmentArchive {
    const kept = new SegmentArchive({ spoolRoot, keepMs, keepMaxBytes });
    kept.open();
    return kept;
  }

  function segment(text: string): SegmentFile {
    const id = uuidv7((time += 1));
    const path = join(spoolRoot, `${id}.sealed`);
    writeFileSync(path, text);
    return { id, path, bytes: text.length };
  }

  /** The texts of the segments that are put back. */
  function restored(kept: SegmentArchive): string[] {
    kept.restore([...kept.all()]);
    const paths = readdirSync(spoolRoot, { recursive: true, encoding: 'utf8' });
    const back = paths.filter((path) => /[/\\].*\.sealed$/.test(path)).toSorted();
    return back.map((path) => readFileSync(join(spoolRoot, path), 'utf8'));
  }

  it('gives back every segment as it was, also after a start, and for its user only', () => {
    open().keep([segment('one\n'), segment('')]);
    const kept = open();
    kept.keep([segment('three'.repeat(1_000))]);
    expect(restored(kept)).toEqual(['one\n', '', 'three'.repeat(1_000)]);
    const archives = readdirSync(done);
    expect(archives).toHaveLength(1);
    expect(statSync(join(done, archives[0]!)).mode & 0o777).toBe(0o600);
    expect(statSync(done).mode & 0o777).toBe(0o700);
    expect(kept.bytes).toBe(statSync(join(done, archives[0]!)).size);
  });

  it('goes on behind an archive that was torn, and reads what is whole', () => {
    open().keep([segment('one'), segment('two')]);
    const [archive] = readdirSync(done);
    appendFileSync(join(done, archive!), `${uuidv7()} 0000001000\nhalf`);
    const kept = open();
    expect(kept.newest).toHaveLength(2);
    kept.keep([segment('three')]);
    expect(restored(kept)).toEqual(['one', 'two', 'three']);
  });

  it('leaves out a segment that is damaged, and tells', () => {
    const kept = open();
    kept.keep([segment('one'), segment('two')]);
    const path = join(done, readdirSync(done)[0]!);
    const data = readFileSync(path);
    data[48 + 12]! ^= 255;
    writeFileSync(path, data);
    expect(restored(kept)).toEqual(['two']);
    expect(kept.error).toBeDefined();
  });

  it('deletes what was kept for so many hours', () => {
    const kept = open(2 * HOUR_MS);
    kept.keep([segment('one')]);
    kept.prune(Date.now() + 2 * HOUR_MS);
    expect(readdirSync(done)).toHaveLength(1);
    kept.prune(Date.now() + 3 * HOUR_MS + 1);
    expect(readdirSync(done)).toEqual([]);
    expect([kept.bytes, kept.since]).toEqual([0, undefined]);
  });

  it('keeps nothing if told so, and deletes what was kept before', () => {
    open().keep([segment('one')]);
    const kept = open(0);
    kept.prune(Date.now());
    kept.keep([segment('two')]);
    expect([readdirSync(done), kept.newest]).toEqual([[], []]);
  });

  it('never takes more room than allowed: the oldest go first', () => {
    const kept = open(HOUR_MS, 20_000);
    const texts = Array.from({ length: 40 }, (_, n) => `${n}-${randomBytes(500).toString('hex')}`);
    for (const text of texts) {
      kept.keep([segment(text)]);
      kept.prune(Date.now());
      expect(kept.bytes).toBeLessThanOrEqual(20_000);
    }
    const left = restored(kept).map((text) => Number(text.split('-')[0]));
    expect([left.at(-1), left.length < 40, left.length > 20]).toEqual([39, true, true]);
    expect(left.toSorted((a, b) => a - b)).toEqual(left);
    expect(kept.error).toBeUndefined();
  });

  it('tells that it goes back less far than it should, until it does again', () => {
    const kept = open(2 * HOUR_MS, 20_000);
    const add = (bytes: number) => {
      kept.keep([segment(randomBytes(bytes).toString('hex'))]);
      kept.prune(Date.now());
      return kept.isShort;
    };
    expect(add(1_000)).toBe(false);
    expect(Array.from({ length: 20 }, () => add(1_000)).at(-1)).toBe(true);
    kept.prune(Date.now() + 2 * HOUR_MS);
    expect(kept.isShort).toBe(false);
    kept.prune(Date.now() + 4 * HOUR_MS);
    expect([kept.bytes, kept.isShort]).toEqual([0, false]);
  });

  it('does not keep a second time what was put back, and fails nobody when it cannot be kept', () => {
    const kept = open();
    const first = segment('one');
    kept.keep([first]);
    kept.restore([...kept.all()]);
    const before = kept.bytes;
    kept.keep([first]);
    expect(kept.bytes).toBe(before);
    rmSync(done, { recursive: true });
    kept.keep([{ ...first, path: join(spoolRoot, 'gone') }]);
    expect(kept.error).toContain('ENOENT');
    expect(existsSync(done)).toBe(false);
  });
});
