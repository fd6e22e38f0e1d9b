import { describe, expect, it } from '@jest/globals';
import { crc32 } from 'node:zlib';
import {
  type ClickRecord,
  decodeClick,
  decodeMarked,
  encodeClick,
  encodeMarked,
  MARKS,
  splitDamaged,
} from './spool-format.js';

const click: ClickRecord = {
  clickedAt: 1_795_000_000_000,
  linkId: '01912d3a-5b2e-7c3f-8a4d-9e6f0a1b2c3d',
  address: '203.0.113.9',
  userAgent: 'Mozilla/5.0 ("quoted") ☃ \u2028',
  referrer: 'https://example.com/\n\r\t',
  language: 'de-DE,de;q=0.9',
  query: 'utm_source=a%20b',
  isPrefetch: true,
};

describe(encodeClick, () => {
  it('is one line, whatever the headers held', () => {
    const line = encodeClick({ ...click, userAgent: 'a\nb\u0000c\rd' });
    expect(line.indexOf('\n')).toBe(line.length - 1);
  });

  it('can be read again', () => {
    expect(decodeClick(encodeClick(click).trimEnd())).toEqual(click);
  });

  it('survives half a character', () => {
    const line = encodeClick({ ...click, referrer: '\ud83d' });
    expect(decodeClick(Buffer.from(line).toString().trimEnd())?.referrer).toBe('\ud83d');
  });
});

describe('A click that a rule has sent elsewhere', () => {
  const sent: ClickRecord = { ...click, target: 'rule-1' };

  it('can be read again, and each other line is what it was before there were rules', () => {
    expect(decodeClick(encodeClick(sent).trimEnd())).toEqual(sent);
    expect(encodeClick({ ...click, target: undefined })).toBe(encodeClick(click));
  });
});

describe(decodeClick, () => {
  it('detects every flipped bit', () => {
    const bytes = Buffer.from(encodeClick(click).trimEnd());
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of [0, 3, 7]) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 1 << bit;
        expect(decodeClick(damaged.toString())).toBeUndefined();
      }
    }
  });

  it('detects every torn end', () => {
    const line = encodeClick(click).trimEnd();
    for (let length = 0; length < line.length; length += 1) {
      expect(decodeClick(line.slice(0, length))).toBeUndefined();
    }
  });

  it.each([
    { fields: [12, click.linkId, '', '', '', '', '', 0] },
    { fields: [click.clickedAt, 'x', '', '', '', '', '', 0] },
    { fields: [click.clickedAt, click.linkId, 5, '', '', '', '', 0] },
    { fields: [click.clickedAt, click.linkId, '', '', '', '', '', 0, 5] },
    { fields: [click.clickedAt, click.linkId, '', '', '', '', '', 0, null] },
    { fields: { clickedAt: click.clickedAt } },
  ])('refuses what no writer has written, although its checksum is right', ({ fields }) => {
    const json = JSON.stringify(fields);
    const line = `${crc32(json).toString(16).padStart(8, '0')} ${json}`;
    expect(decodeClick(line)).toBeUndefined();
  });

  it('is JSON as JSON.stringify writes it', () => {
    const { isPrefetch: _, clickedAt, ...texts } = click;
    const json = JSON.stringify([clickedAt, ...Object.values(texts), 1]);
    expect(encodeClick(click)).toBe(`${crc32(json).toString(16).padStart(8, '0')} ${json}\n`);
  });
});

describe(encodeMarked, () => {
  it.each(MARKS)('can be read again as %s, and not as a click of the segment', (mark) => {
    const line = encodeMarked(mark, click).slice(0, -1);
    expect(decodeMarked(line)).toEqual({ mark, record: click });
    expect(splitDamaged(line).map(decodeClick)).toEqual([undefined]);
    expect(decodeMarked(encodeClick(click).trimEnd())).toBeUndefined();
  });

  it('is damaged when a bit is flipped', () => {
    const bytes = Buffer.from(encodeMarked('refused', click).trimEnd());
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      expect(decodeMarked(damaged.toString())).toBeUndefined();
    }
  });
});
