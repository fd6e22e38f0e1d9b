import { Injectable } from '@nestjs/common';
import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';
import { LinksConfig } from '../../config/links.config.js';

/** The characters and the length of a custom code. */
export const CUSTOM_CODE = /^[A-Za-z0-9_-]{1,64}$/;

/** First path segments that belong to the service, now or by custom, and never to a link. */
const RESERVED = new Set(
  `about admin api app apple-touch-icon assets auth dashboard docs favicon graphql health healthz
   help home index links livez login logout manifest metrics openapi ping privacy public readyz
   register robots security settings signin signup sitemap static status stats support swagger
   terms users version well-known workspaces`.split(/\s+/),
);

/** Decides which short codes may exist, whether they were chosen or generated. */
@Injectable()
export class ShortCodePolicy {
  private readonly offensive = new RegExpMatcher({
    ...englishDataset.build(),
    ...englishRecommendedTransformers,
  });

  constructor(private readonly config: LinksConfig) {}

  /** Why somebody cannot have the code they chose; undefined if they can. */
  refusal(code: string): { code: string; detail: string } | undefined {
    if (!CUSTOM_CODE.test(code)) {
      return { code: 'invalid', detail: 'must be 1 to 64 of the characters A-Z a-z 0-9 - _' };
    }
    if (isReserved(code)) {
      return { code: 'reserved', detail: 'is reserved for the service itself' };
    }
    if (this.config.refuseOffensiveCodes && wordsOf(code).some((word) => this.isOffensive(word))) {
      return { code: 'offensive', detail: 'contains an offensive word' };
    }
    return undefined;
  }

  /** Whether a random code will do: one in some hundred does not, also for parts that look like a word. */
  isFit(code: string): boolean {
    return !isReserved(code) && !this.offensive.hasMatch(code);
  }

  /** Sees through digits that stand for letters ("sh1t"). */
  private isOffensive(word: string): boolean {
    return this.offensive
      .getAllMatches(word)
      .some(({ startIndex, endIndex }) => startIndex === 0 && endIndex === word.length - 1);
  }
}

const isReserved = (code: string): boolean => RESERVED.has(code.toLowerCase());

/**
 * The words between hyphens and underscores; of "GoodDog2026" also "Good" and "Dog", and of "d-o-g" also
 * "dog". What could be a hexadecimal number is no word, so that a UUID has none.
 */
function wordsOf(code: string): string[] {
  const parts = code.split(/[-_]+/).filter((part) => part !== '');
  const words = parts.flatMap((part) => [
    part,
    ...(part.match(/[A-Z]?[a-z]{2,}|[A-Z]{3,}/g) ?? []),
  ]);
  if (parts.every((part) => part.length === 1)) words.push(parts.join(''));
  return words.filter((word) => !/^[0-9a-f]*$/i.test(word));
}
