import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  Min,
  Validate,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  type ValidationArguments,
} from 'class-validator';
import { DEVICE_NAMES, OS_NAMES } from '../../common/user-agent.js';
import {
  isTimestamp,
  IsTimestamp,
  TIMESTAMP_PATTERN,
} from '../../common/validation/is-timestamp.decorator.js';
import { PLAIN_TEXT_PATTERN } from '../../common/validation/text.rules.js';
import { MAX_CONDITION_VALUES, MAX_WEIGHT } from '../link-rules.types.js';
import { MAX_HOST_LENGTH, normalHost } from '../../common/normal-host.js';
import { MAX_URL_LENGTH } from '../target-url.policy.js';
import { TargetUrlRule } from './target-url.rule.js';

const MAX_PARAMETERS = 10;
const MAX_PARAMETER_LENGTH = 200;
/** JSON Schema has it, though not the types of Nest. */
const PARAMETER_NAMES = {
  propertyNames: { minLength: 1, maxLength: MAX_PARAMETER_LENGTH, pattern: PLAIN_TEXT_PATTERN },
};
const COUNTRY = '^[A-Z]{2}$';
const LANGUAGE = '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$';
/** So that a name needs no escapes in a filter. */
const NAME = '^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$';
const CONDITIONS = [
  'device',
  'os',
  'country',
  'language',
  'query',
  'referrerHost',
  'from',
  'until',
] as const;

const IsGiven = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

/** A list of which one value is enough. */
const AnyOf = (
  description: string,
  items:
    { enum: readonly string[] } | { pattern: string } | { minLength: number; maxLength: number },
  example: string[],
): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: 'array',
      items: { type: 'string', ...(items as { pattern?: string }) },
      minItems: 1,
      maxItems: MAX_CONDITION_VALUES,
      description,
      example,
    }),
    IsGiven(),
    IsString({ each: true }),
    ArrayMaxSize(MAX_CONDITION_VALUES),
    ArrayMinSize(1),
    IsArray(),
  );

const IsHost = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isHost',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && normalHost(value) !== undefined,
        defaultMessage: () => '$property must be a host name or an IP address, without a port',
      },
    },
    { each: true },
  );

const CONTROL = /[\p{Cc}\p{Cs}]/u;

const isParameterText = (text: unknown): boolean =>
  typeof text === 'string' &&
  text.length <= 2 * MAX_PARAMETER_LENGTH &&
  Array.from(text).length <= MAX_PARAMETER_LENGTH &&
  !CONTROL.test(text);

const IsParameters = (): PropertyDecorator =>
  ValidateBy({
    name: 'isParameters',
    validator: {
      validate: (value: unknown) => {
        if (typeof value !== 'object' || value === null) return false;
        const entries = Object.entries(value as Record<string, unknown>);
        return (
          entries.length > 0 &&
          entries.length <= MAX_PARAMETERS &&
          entries.every(
            ([name, values]) =>
              name !== '' &&
              isParameterText(name) &&
              Array.isArray(values) &&
              values.length <= MAX_CONDITION_VALUES &&
              values.every(isParameterText),
          )
        );
      },
      defaultMessage: () =>
        `$property must have 1 to ${MAX_PARAMETERS} names, each with a list of at most ${MAX_CONDITION_VALUES} values; names and values have at most ${MAX_PARAMETER_LENGTH} characters, and no control characters`,
    },
  });

const timeOf = (value: unknown): number | undefined =>
  typeof value === 'string' && isTimestamp(value) ? Date.parse(value) : undefined;

const IsLaterThanFrom = (): PropertyDecorator =>
  ValidateBy({
    name: 'isLaterThanFrom',
    validator: {
      validate: (value: unknown, { object }: ValidationArguments) =>
        (timeOf(value) ?? Infinity) > (timeOf((object as { from?: unknown }).from) ?? -Infinity),
      defaultMessage: () => '$property must be later than from',
    },
  });

const Time = (description: string, example: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      type: String,
      format: 'date-time',
      pattern: TIMESTAMP_PATTERN,
      description,
      example,
    }),
    IsGiven(),
    IsTimestamp(),
  );

export class RuleConditionsRequest {
  @AnyOf('The device, as reports name it.', { enum: DEVICE_NAMES }, ['mobile', 'tablet'])
  @IsIn(DEVICE_NAMES, { each: true, message: `$property must be of ${DEVICE_NAMES.join(', ')}` })
  device?: string[];

  @AnyOf('The operating system, as reports name it.', { enum: OS_NAMES }, ['iOS'])
  @IsIn(OS_NAMES, { each: true, message: `$property must be of ${OS_NAMES.join(', ')}` })
  os?: string[];

  @AnyOf('The country of the address, ISO 3166-1 alpha-2.', { pattern: COUNTRY }, ['DE', 'AT'])
  @Matches(new RegExp(COUNTRY), {
    each: true,
    message: '$property must be a country such as DE (ISO 3166-1 alpha-2)',
  })
  country?: string[];

  @AnyOf(
    'The language that `Accept-Language` prefers most: `pt` is every Portuguese, `pt-BR` that of Brazil.',
    { pattern: LANGUAGE },
    ['de', 'pt-BR'],
  )
  @Matches(new RegExp(LANGUAGE), {
    each: true,
    message: '$property must be a language such as de or pt-BR',
  })
  language?: string[];

  @ApiPropertyOptional({
    type: 'object',
    minProperties: 1,
    maxProperties: MAX_PARAMETERS,
    ...(PARAMETER_NAMES as object),
    additionalProperties: {
      type: 'array',
      maxItems: MAX_CONDITION_VALUES,
      items: { type: 'string', maxLength: MAX_PARAMETER_LENGTH, pattern: PLAIN_TEXT_PATTERN },
    },
    description:
      'Query parameters of the short URL, each with the values of which it must have one; with an empty list any value will do.',
    example: { ref: ['partner'], trial: [] },
  })
  @IsGiven()
  @IsParameters()
  @IsObject()
  query?: Record<string, string[]>;

  @AnyOf(
    'The host of the page that the visitor comes from, or one above it.',
    { minLength: 1, maxLength: MAX_HOST_LENGTH },
    ['news.example'],
  )
  @IsHost()
  referrerHost?: string[];

  @Time('From then on.', '2026-12-24T00:00:00Z')
  from?: string;

  @Time('Until then, not included.', '2026-12-27T00:00:00Z')
  @IsLaterThanFrom()
  until?: string;
}

const HasCondition = (): PropertyDecorator =>
  ValidateBy({
    name: 'hasCondition',
    validator: {
      validate: (value: unknown) =>
        typeof value !== 'object' ||
        value === null ||
        CONDITIONS.some((name) => (value as RuleConditionsRequest)[name] !== undefined),
      defaultMessage: () => `$property must have a condition: ${CONDITIONS.join(', ')}`,
    },
  });

class TargetRequest {
  @ApiProperty({
    description: 'Where it leads, as `url` of the link.',
    format: 'uri',
    maxLength: MAX_URL_LENGTH,
    pattern: '^[Hh][Tt][Tt][Pp][Ss]?://',
    example: 'https://example.com/app',
  })
  @Validate(TargetUrlRule)
  url: string;

  @ApiPropertyOptional({
    description:
      'What its clicks are counted under: the value of `target` in reports. Without it the service gives one, and keeps it as long as you send it back.',
    pattern: NAME,
    example: 'app',
  })
  @IsGiven()
  @Matches(new RegExp(NAME), {
    message:
      '$property must be 1 to 50 letters, digits, "-" and "_", and begin with a letter or a digit',
  })
  @IsString()
  name?: string;
}

export class LinkRuleRequest extends TargetRequest {
  @ApiProperty({
    type: RuleConditionsRequest,
    description: 'What must hold of a visitor: all of it, and at least one condition.',
  })
  @HasCondition()
  @Type(() => RuleConditionsRequest)
  @ValidateNested()
  @IsObject()
  when: RuleConditionsRequest;
}

export class SplitVariantRequest extends TargetRequest {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MAX_WEIGHT,
    description: 'Its share is the weight divided by the sum of all weights.',
    example: 50,
  })
  @Max(MAX_WEIGHT)
  @Min(1)
  @IsInt()
  weight: number;
}
