import { type LinkList, LINK_WORDS } from '../packed-links.js';
import { NO_CLICKS } from './breakdown.js';
import type { PickedClicks } from './picked-clicks.js';
import type { Counts } from './reports.types.js';

/** The links of the clicks, and how many of them each has; @param all those of the pack */
export function linksOf(picked: PickedClicks, { size, words }: LinkList): LinkList {
  const { pack, clicks, kinds } = picked;
  const { values } = pack.column('kind')!;
  const isBot = Uint8Array.from(values, (kind) => Number(kind === 'bot'));
  const isVisitor = Uint8Array.from(values, (kind) => Number(kind === 'visitor'));
  const found = pack.scratch.newWords(Math.min(size, clicks.length) * LINK_WORDS);
  let count = 0;
  let index = 0;
  let end = 0;
  for (let at = 0; at < size * LINK_WORDS && index < clicks.length; at += LINK_WORDS) {
    end += words[at + 1]!;
    const first = index;
    let bots = 0;
    let visitors = 0;
    for (; index < clicks.length && clicks[index]! < end; index += 1) {
      const kind = kinds[index]!;
      bots += isBot[kind]!;
      visitors += isVisitor[kind]!;
    }
    if (index === first) continue;
    found[count] = words[at]!;
    found[count + 1] = index - first;
    found[count + 2] = bots;
    found[count + 3] = visitors;
    count += LINK_WORDS;
  }
  return { size: count / LINK_WORDS, words: found };
}

/** All of them together. */
export function addUp({ size, words }: LinkList): Counts {
  const sum = { ...NO_CLICKS };
  for (let at = 0; at < size * LINK_WORDS; at += LINK_WORDS) {
    sum.clicks += words[at + 1]!;
    sum.bots += words[at + 2]!;
    sum.visitors += words[at + 3]!;
  }
  sum.humans = sum.clicks - sum.bots;
  return sum;
}
