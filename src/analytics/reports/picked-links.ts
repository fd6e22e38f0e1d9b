import { LINK_WORDS, type PackedLinks } from '../packed-links.js';
import { NO_CLICKS } from './breakdown.js';
import type { LinkList } from './link-tally.js';
import { placeOf } from './pack-sums.js';
import type { PickedClicks } from './picked-clicks.js';
import type { Counts } from './reports.types.js';
import type { Scratch } from './scratch.js';
import { firstFrom } from './sorted-numbers.js';

/** Those of the links that are wanted; @param numbers ascending */
export function only(
  { size, words }: PackedLinks,
  numbers: Uint32Array,
  scratch: Scratch,
): LinkList {
  const wanted = scratch.newWords(Math.min(size, numbers.length) * LINK_WORDS);
  let count = 0;
  let place = 0;
  for (let at = 0; at < words.length && place < numbers.length; at += LINK_WORDS) {
    place = firstFrom(numbers, 1, numbers.length, words[at]!, place);
    if (numbers[place] !== words[at]) continue;
    for (let field = 0; field < LINK_WORDS; field += 1) wanted[count + field] = words[at + field]!;
    count += LINK_WORDS;
  }
  return { size: count / LINK_WORDS, words: wanted };
}

/** The links of the clicks, and how many of them each has; @param all those of the pack */
export function linksOf(picked: PickedClicks, all: PackedLinks): LinkList {
  const { pack, clicks, kinds } = picked;
  const { values } = pack.column('kind')!;
  const [bot, visitor] = [placeOf('bot', values), placeOf('visitor', values)];
  const { words } = all;
  const found = pack.scratch.newWords(Math.min(all.size, clicks.length) * LINK_WORDS);
  let count = 0;
  let index = 0;
  let end = 0;
  for (let at = 0; at < words.length && index < clicks.length; at += LINK_WORDS) {
    end += words[at + 1]!;
    const first = index;
    let bots = 0;
    let visitors = 0;
    for (; index < clicks.length && clicks[index]! < end; index += 1) {
      const kind = kinds[index]!;
      if (kind === visitor) visitors += 1;
      else if (kind === bot) bots += 1;
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
