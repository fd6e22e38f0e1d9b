import { getFromContainer, ValidateBy, type ValidationArguments } from 'class-validator';
import { Clock } from '../../common/clock.js';
import { isTimestamp } from '../../common/validation/is-timestamp.decorator.js';

const timeOf = (value: unknown): number | undefined =>
  typeof value === 'string' && isTimestamp(value) ? Date.parse(value) : undefined;

/** What is no time at all is left to IsTimestamp, here and below. */
export const IsInTheFuture = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInTheFuture',
    validator: {
      validate: (value: unknown) => (timeOf(value) ?? Infinity) > getFromContainer(Clock).now(),
      defaultMessage: () => '$property must be in the future',
    },
  });

/** For the end of a validity, so that this is said beside all else that is wrong. */
export const IsLaterThanStart = (): PropertyDecorator =>
  ValidateBy({
    name: 'isLaterThanStart',
    validator: {
      validate: (value: unknown, { object }: ValidationArguments) => {
        const { startsAt } = object as { startsAt?: unknown };
        return (timeOf(value) ?? Infinity) > (timeOf(startsAt) ?? -Infinity);
      },
      defaultMessage: () => '$property must be later than startsAt',
    },
  });
