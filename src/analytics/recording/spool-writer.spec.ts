import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SocketLock } from '../../common/socket-lock.js';
import { SpoolWriter } from './spool-writer.js';
import { writerLock } from '../common/spool-format.js';

const NOW = 1_795_000_000_000;
const errorOf = (code: string) => Object.assign(new Error(code), { code });

describe(SpoolWriter.name, () => {
  let root: string;
  let calls: string[];

  beforeEach(() => {
    root = join(mkdtempSync(join(tmpdir(), 'signpost-writer-')), 'spool');
    calls = [];
  });
  afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

  /** The real file system, but for what a broken disk does. */
  const writerOn = (broken: object = {}) => new SpoolWriter(root, { ...fs, ...broken });
  const prepared = async (broken: object = {}) => {
    const writer = writerOn(broken);
    await writer.prepare();
    return writer;
  };
  const append = (writer: SpoolWriter, text: string) => writer.append(Buffer.from(text), NOW);
  const synced = (writer: SpoolWriter) =>
    new Promise<Error | null>((done) => writer.sync((error) => done(error)));
  const directory = () => join(root, readdirSync(root)[0]!);
  const filesIn = (ending: string) =>
    readdirSync(directory())
      .filter((name) => name.endsWith(ending))
      .map((name) => readFileSync(join(directory(), name), 'utf8'))
      .toSorted();

  it('has what was appended in the file when append returns', async () => {
    const writer = await prepared();
    append(writer, 'one\n');
    append(writer, 'two\n');
    expect(filesIn('.open')).toEqual(['one\ntwo\n']);
    const limits = { segmentMaxBytes: 9, segmentMaxAgeMs: 100 };
    expect(writer.isDue(limits, NOW + 99)).toBe(false);
    expect(writer.isDue(limits, NOW + 100)).toBe(true);
    expect(writer.isDue({ ...limits, segmentMaxBytes: 8 }, NOW)).toBe(true);
    writer.seal();
    expect([filesIn('.open'), filesIn('.sealed')]).toEqual([[], ['one\ntwo\n']]);
    expect(writer.isDue(limits, NOW + 100)).toBe(false);
    await writer.close();
  });

  it('knows of its segments until they are ingested', async () => {
    const writer = await prepared();
    expect(writer.hasSegments).toBe(false);
    append(writer, 'one\n');
    expect(writer.hasSegments).toBe(true);
    await writer.close();
    expect(writer.hasSegments).toBe(true);
    rmSync(directory(), { recursive: true });
    expect(writer.hasSegments).toBe(false);
  });

  it('keeps what it has written for the eyes of its own user', async () => {
    const writer = await prepared();
    append(writer, 'one\n');
    expect(fs.statSync(directory()).mode & 0o777).toBe(0o700);
    const file = readdirSync(directory()).find((name) => name.endsWith('.open'));
    expect(fs.statSync(join(directory(), file!)).mode & 0o777).toBe(0o600);
    await writer.close();
  });

  it('holds its lock from prepare to close, so that nobody takes its segments over', async () => {
    const writer = await prepared();
    const lock = writerLock(directory());
    expect(await SocketLock.isHeld(lock)).toBe(true);
    await writer.prepare();
    await writer.close();
    expect(await SocketLock.isHeld(lock)).toBe(false);
  });

  it('writes nothing before it is prepared, nor after it is closed', async () => {
    const writer = writerOn();
    expect(() => append(writer, 'one\n')).toThrow('not ready');
    await writer.prepare();
    await writer.close();
    expect(() => append(writer, 'one\n')).toThrow('not ready');
  });

  it('cannot be prepared on a read-only disk, and can once that is over', async () => {
    let isReadOnly = true;
    const mkdirSync = (...args: Parameters<typeof fs.mkdirSync>) => {
      if (isReadOnly) throw errorOf('EROFS');
      return fs.mkdirSync(...args);
    };
    const writer = writerOn({ mkdirSync });
    await expect(writer.prepare()).rejects.toThrow('EROFS');
    isReadOnly = false;
    await writer.prepare();
    append(writer, 'one\n');
    await writer.close();
    expect(filesIn('.sealed')).toEqual(['one\n']);
  });

  it('makes its directory again if somebody has removed it', async () => {
    const writer = await prepared();
    append(writer, 'lost\n');
    writer.seal();
    rmSync(directory(), { recursive: true });
    expect(() => append(writer, 'refused\n')).toThrow('ENOENT');
    await writer.prepare();
    append(writer, 'kept\n');
    expect(await SocketLock.isHeld(writerLock(directory()))).toBe(true);
    await writer.close();
    expect(filesIn('.sealed')).toEqual(['kept\n']);
  });

  it('finishes a write that the system takes in parts', async () => {
    const writer = await prepared({
      writeSync: (fd: number, data: Buffer, offset: number, length: number) =>
        fs.writeSync(fd, data, offset, Math.min(length, 3)),
    });
    append(writer, 'one two three\n');
    await writer.close();
    expect(filesIn('.sealed')).toEqual(['one two three\n']);
  });

  it('begins a new segment if it cannot remove half a record from the old one', async () => {
    let room = Infinity;
    const writer = await prepared({
      writeSync: (fd: number, data: Buffer, offset: number, length: number) => {
        if (room === 0) throw errorOf('ENOSPC');
        const written = fs.writeSync(fd, data, offset, Math.min(length, room));
        room -= written;
        return written;
      },
      ftruncateSync: () => {
        throw errorOf('EIO');
      },
    });
    append(writer, 'first\n');
    room = 3;
    expect(() => append(writer, 'second\n')).toThrow('ENOSPC');
    room = Infinity;
    append(writer, 'third\n');
    await writer.close();
    expect(filesIn('.sealed')).toEqual(['first\nsec', 'third\n']);
  });

  it('seals later what it could not rename', async () => {
    let isReadOnly = true;
    const writer = await prepared({
      renameSync: (from: string, to: string) => {
        if (isReadOnly) throw errorOf('EROFS');
        fs.renameSync(from, to);
      },
    });
    append(writer, 'one\n');
    expect(() => writer.seal()).toThrow('EROFS');
    append(writer, 'two\n');
    isReadOnly = false;
    writer.seal();
    expect([filesIn('.open'), filesIn('.sealed')]).toEqual([[], ['one\n', 'two\n']]);
    await writer.close();
  });

  it('lets go of its lock even if it cannot seal, so that the next start finds the rest', async () => {
    const writer = await prepared({
      renameSync: () => {
        throw errorOf('EROFS');
      },
    });
    append(writer, 'one\n');
    await expect(writer.close()).rejects.toThrow('EROFS');
    expect(await SocketLock.isHeld(writerLock(directory()))).toBe(false);
    expect(filesIn('.open')).toEqual(['one\n']);
  });

  const watched = (failing?: string) => {
    const names = new Map<number, string>();
    const note =
      (call: string) =>
      (fd: number, done: (error: Error | null) => void): void => {
        const name = `${call} ${names.get(fd)}`;
        calls.push(name);
        setImmediate(() => done(name === failing ? errorOf('EIO') : null));
      };
    const kindOf = (path: string) =>
      path.endsWith('.open')
        ? 'segment'
        : path === root
          ? 'root'
          : path.startsWith(root)
            ? 'writer'
            : 'data';
    return {
      fdatasync: note('fdatasync'),
      fsync: note('fsync'),
      openSync: (path: string, flags: string, mode?: number) => {
        const fd = fs.openSync(path, flags, mode);
        names.set(fd, kindOf(path));
        return fd;
      },
    };
  };

  it('brings a segment to the disk with all directories that lead to it, these once', async () => {
    const writer = await prepared(watched());
    append(writer, 'one\n');
    expect(await synced(writer)).toBeNull();
    append(writer, 'two\n');
    expect(await synced(writer)).toBeNull();
    expect(calls).toEqual([
      'fdatasync segment',
      'fsync writer',
      'fsync root',
      'fsync data',
      'fdatasync segment',
    ]);
    await writer.close();
  });

  it.each(['fdatasync segment', 'fsync writer', 'fsync data'])(
    'says so when %s fails, and tries everything again',
    async (failing) => {
      const writer = await prepared(watched(failing));
      append(writer, 'one\n');
      expect((await synced(writer))?.message).toBe('EIO');
      expect((await synced(writer))?.message).toBe('EIO');
      expect(calls.filter((call) => call === failing)).toHaveLength(2);
      await writer.close();
    },
  );

  it('survives that its directory is gone while it syncs', async () => {
    const writer = await prepared();
    append(writer, 'one\n');
    rmSync(root, { recursive: true });
    expect((await synced(writer))?.message).toContain('ENOENT');
    await expect(writer.close()).rejects.toThrow('ENOENT');
  });
});
