import { Injectable } from '@nestjs/common';
import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity';

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

  /** Why this custom code cannot be had; undefined if it can. */
  refusal(code: string): { code: string; detail: string } | undefined {
    if (!CUSTOM_CODE.test(code)) {
      return { code: 'invalid', detail: 'must be 1 to 64 of the characters A-Z a-z 0-9 - _' };
    }
    if (RESERVED.has(code.toLowerCase())) {
      return { code: 'reserved', detail: 'is reserved for the service itself' };
    }
    if (this.isOffensive(code)) return { code: 'offensive', detail: 'contains an offensive word' };
    return undefined;
  }

  private isOffensive(code: string): boolean {
    return this.hasOffensiveWord(code) || this.hasOffensiveWord(code.replace(/[-_]/g, ''));
  }

  /** Sees through digits that stand for letters ("sh1t"); digits alone are a number ("order-455"). */
  private hasOffensiveWord(text: string): boolean {
    return this.offensive
      .getAllMatches(text)
      .some(({ startIndex, endIndex }) => /[a-z]/i.test(text.slice(startIndex, endIndex + 1)));
  }
}
