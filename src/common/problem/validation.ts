import type { ArgumentMetadata } from '@nestjs/common';
import { getMetadataStorage, type ValidationError } from 'class-validator';
import type { FieldError } from './problem.error.js';
import { shortName } from './request-limits.js';

/** The rules of class-validator that stand for something a client may want to switch on. */
const CODES: Record<string, string> = {
  whitelistValidation: 'not-allowed',
  isDefined: 'required',
  isNotEmpty: 'required',
  maxLength: 'too-long',
  minLength: 'too-short',
  arrayMaxSize: 'too-long',
  arrayMinSize: 'too-short',
  max: 'too-large',
  min: 'too-small',
  hardToGuess: 'too-common',
  isIn: 'not-supported',
  isEnum: 'not-supported',
  isString: 'wrong-type',
  isInt: 'wrong-type',
  isNumber: 'wrong-type',
  isBoolean: 'wrong-type',
  isArray: 'wrong-type',
  isObject: 'wrong-type',
};

/** All wrong fields at once, each with where it is, a stable code and what is expected. */
export function toFieldErrors(
  errors: ValidationError[],
  type: ArgumentMetadata['type'],
): FieldError[] {
  return errors.flatMap((error) => fieldErrors(error, pointerOf(type)));
}

type Pointer = (path: (string | number)[]) => string;

function pointerOf(type: ArgumentMetadata['type']): Pointer {
  if (type === 'query') return (path) => `?${path.join('.')}`;
  if (type === 'param') return (path) => `:${path.join('.')}`;
  return jsonPointer;
}

/** RFC 6901. */
export const jsonPointer = (path: (string | number)[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function fieldErrors(
  error: ValidationError,
  pointer: Pointer,
  parents: (string | number)[] = [],
): FieldError[] {
  const path = [...parents, shortName(error.property)];
  const children = (error.children ?? []).flatMap((child) => fieldErrors(child, pointer, path));
  return [...ownErrors(error, pointer, path), ...children];
}

function ownErrors(
  error: ValidationError,
  pointer: Pointer,
  path: (string | number)[],
): FieldError[] {
  const constraints = Object.entries(error.constraints ?? {});
  if (constraints.length === 0) return [];
  const name = shortName(error.property);
  const known = constraints.map(([rule, message]) => ({
    rule,
    code: CODES[rule] ?? 'invalid',
    detail: rule === 'whitelistValidation' ? `${name} is not a known field` : message,
  }));
  if (error.value === undefined && known[0]?.code !== 'not-allowed') {
    return [{ pointer: pointer(path), code: 'required', detail: `${name} is required` }];
  }
  // A number is neither too long nor an e-mail address: to say that it is no text is enough.
  const wrongType = known.filter((item) => item.code === 'wrong-type');
  return (wrongType.length > 0 ? wrongType : known).flatMap(({ rule, code, detail }) =>
    wrongElements(error, rule).map((element) => ({
      pointer: pointer([...path, ...element]),
      code,
      detail,
    })),
  );
}

/** The paths of the elements that break a rule given with `each: true`, else the field itself. */
function wrongElements(error: ValidationError, rule: string): [] | number[][] {
  const value: unknown = error.value;
  const metadata = error.target && eachRule(error.target, error.property, rule);
  if (!Array.isArray(value) || !metadata) return [[]];
  const validator = getMetadataStorage().getTargetValidatorConstraints(metadata.constraintCls)[0];
  if (!validator) return [[]];
  const wrong: number[][] = [];
  for (let index = 0; index < value.length; index += 1) {
    const valid = validator.instance.validate(value[index], {
      value: value[index],
      constraints: metadata.constraints ?? [],
      targetName: error.target!.constructor.name,
      object: error.target!,
      property: error.property,
    });
    if (valid === false) wrong.push([index]);
  }
  return wrong.length > 0 ? wrong : [[]];
}

const eachRule = (target: object, property: string, rule: string) =>
  getMetadataStorage()
    .getTargetValidationMetadatas(target.constructor, '', false, false)
    .find((item) => item.propertyName === property && item.name === rule && item.each);
