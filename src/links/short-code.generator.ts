import { Injectable } from '@nestjs/common';
import { customAlphabet } from 'nanoid';
import { ShortCodePolicy } from './short-code.policy.js';

/** Letters and digits without those that are mistaken for one another: 0 O o, 1 I i l. */
export const CODE_ALPHABET = '23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ';

const FIRST_LENGTH = 7;
const MAX_LENGTH = 16;
/** How many attempts the share of conflicts is judged by. */
const WINDOW = 1000;
const MAX_CONFLICT_SHARE = 0.01;

/**
 * Random short codes from a cryptographic source. They grow by one character when more than 1 %
 * of the attempts hit a code that exists, so that creation never slows down.
 */
@Injectable()
export class ShortCodeGenerator {
  private readonly random = customAlphabet(CODE_ALPHABET);
  private length = FIRST_LENGTH;
  private attempts = 0;
  private conflicts = 0;

  constructor(private readonly policy: ShortCodePolicy) {}

  /** A code that is allowed; whether it is free, only the unique constraint knows. */
  next(): string {
    for (;;) {
      const code = this.random(this.length);
      if (this.policy.isFit(code)) return code;
    }
  }

  /** Tells how many of the generated codes were taken already. */
  report(attempts: number, conflicts: number): void {
    this.attempts += attempts;
    this.conflicts += conflicts;
    if (this.conflicts > WINDOW * MAX_CONFLICT_SHARE && this.length < MAX_LENGTH) {
      this.length += 1;
    } else if (this.attempts < WINDOW) {
      return;
    }
    this.attempts = 0;
    this.conflicts = 0;
  }
}
