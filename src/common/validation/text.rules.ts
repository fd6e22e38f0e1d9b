import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { buildMessage, Matches, ValidateBy, type ValidationOptions } from 'class-validator';

const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}]*$/u;
const TAG = /^[^\p{Cc}\p{Cs}]{1,50}$/u;
const EXTERNAL_ID = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

/** The same for the OpenAPI document, in what all dialects of regular expressions have in common. */
export const PLAIN_TEXT_PATTERN = String.raw`^[^\u0000-\u001f\u007f-\u009f]*$`;
export const TAG_SCHEMA = {
  type: 'string',
  minLength: 1,
  maxLength: 50,
  pattern: PLAIN_TEXT_PATTERN,
} as const;

export const EXTERNAL_ID_SCHEMA = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  pattern: PLAIN_TEXT_PATTERN,
} as const;

/** Text that fits on a line and into the database, which cannot hold NUL and lone surrogates. */
export const NoControlCharacters = (): PropertyDecorator =>
  Matches(PLAIN_TEXT, { message: '$property must not contain control characters' });

/** Counts code points, as OpenAPI does; class-validator does not count variation selectors. */
export function MaxCodePoints(max: number): PropertyDecorator {
  const pattern = new RegExp(`^.{0,${max}}$`, 'su');
  return ValidateBy({
    name: 'maxLength',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && pattern.test(value),
      defaultMessage: () => `$property must be shorter than or equal to ${max} characters`,
    },
  });
}

export const EXTERNAL_ID_RULE = 'must be a text of 1 to 255 characters, without control characters';

export const isExternalId = (value: unknown): boolean =>
  typeof value === 'string' && EXTERNAL_ID.test(value);

/** An id that somebody else has given: compared as it is, whatever it looks like. */
export const IsExternalId = (): PropertyDecorator =>
  ValidateBy({
    name: 'isExternalId',
    validator: {
      validate: isExternalId,
      defaultMessage: () => `$property ${EXTERNAL_ID_RULE}`,
    },
  });

const SPACE = /[\s\u200b\u200e\u200f\u2060]/;

/**
 * Without the space around it, nor the invisible characters that are copied along from chats and mails.
 * By hand, because a pattern would look at each run of spaces inside as often as it is long.
 */
export function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && SPACE.test(text[start]!)) start += 1;
  while (end > start && SPACE.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

/** A longer text has more than 50 characters in every form, and might take long to be composed. */
const MAX_TAG_UNITS = 500;

const composed = (value: unknown): unknown =>
  typeof value === 'string' && value.length <= MAX_TAG_UNITS ? value.normalize('NFC') : value;

/**
 * One rule for making and for finding: whatever tag a link can have, it can be found by, also if a
 * keyboard makes its umlauts of two characters.
 */
export const IsTag = (options?: ValidationOptions): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      Array.isArray(value) ? value.map(composed) : composed(value),
    ),
    ValidateBy(
      {
        name: 'isTag',
        validator: {
          validate: (value: unknown) => typeof value === 'string' && TAG.test(value),
          defaultMessage: buildMessage(
            (each) =>
              `${each}$property must be a tag of 1 to 50 characters, without control characters`,
            options,
          ),
        },
      },
      options,
    ),
  );
