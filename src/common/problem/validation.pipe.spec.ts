import { describe, expect, it } from '@jest/globals';
import type { ArgumentMetadata } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsEmail,
  IsInt,
  IsOptional,
  IsString,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { FieldError, ProblemError } from './problem.error.js';
import { RequestValidationPipe } from './validation.pipe.js';

class Inner {
  @IsString()
  name: string;
}

class Body {
  @IsEmail()
  @MaxLength(20)
  @IsString()
  email: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(5)
  @MaxLength(4, { each: true })
  @IsString({ each: true })
  tags?: string[];

  @IsOptional()
  @ValidateNested()
  @Type(() => Inner)
  inner?: Inner;
}

class Query {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  limit?: number;
}

describe(RequestValidationPipe.name, () => {
  const pipe = new RequestValidationPipe();

  async function errorsOf(
    value: unknown,
    type: ArgumentMetadata['type'] = 'body',
    metatype: new () => object = Body,
  ): Promise<FieldError[]> {
    const error: unknown = await pipe.transform(value, { type, metatype }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'invalid-request', status: 400 });
    return (error as ProblemError).errors!;
  }

  const valid = { email: 'a@example.com' };

  it('hands on what is valid, as an instance of its class', async () => {
    const body = await pipe.transform(valid, { type: 'body', metatype: Body });
    expect(body).toBeInstanceOf(Body);
  });

  it('says once that a field is missing, whatever its rules', async () => {
    expect(await errorsOf({})).toEqual([
      { pointer: '/email', code: 'required', detail: 'email is required' },
    ]);
  });

  it('says only that the type is wrong, if it is', async () => {
    expect(await errorsOf({ email: 7 })).toEqual([
      { pointer: '/email', code: 'wrong-type', detail: 'email must be a string' },
    ]);
  });

  it('reports every broken rule of every field', async () => {
    const errors = await errorsOf({ email: 'x'.repeat(21), extra: 1 });
    expect(errors.map(({ pointer, code }) => [pointer, code])).toEqual(
      expect.arrayContaining([
        ['/email', 'too-long'],
        ['/email', 'invalid'],
        ['/extra', 'not-allowed'],
      ]),
    );
  });

  it('points to the elements of a list that are wrong', async () => {
    const errors = await errorsOf({ ...valid, tags: ['ok', 'too long', 'fine', 'far too long'] });
    expect(errors.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/tags/1', 'too-long'],
      ['/tags/3', 'too-long'],
    ]);
  });

  it('points into nested objects', async () => {
    const errors = await errorsOf({ ...valid, inner: { name: 1 } });
    expect(errors).toMatchObject([{ pointer: '/inner/name', code: 'wrong-type' }]);
  });

  it('names query parameters', async () => {
    expect(await errorsOf({ limit: '0' }, 'query', Query)).toMatchObject([
      { pointer: '?limit', code: 'too-small' },
    ]);
    expect(await errorsOf({ limit: 'ten' }, 'query', Query)).toMatchObject([
      { pointer: '?limit', code: 'wrong-type' },
    ]);
  });

  it('names twenty wrong fields, and says how many more there are', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`x${index}`, 1]));
    const refused = pipe.transform({ ...valid, ...unknown }, { type: 'body', metatype: Body });
    await expect(refused).rejects.toMatchObject({
      detail: '45 fields are wrong; see errors for 20 of them, and 25 more.',
    });
    expect(await errorsOf({ ...valid, ...unknown })).toHaveLength(20);
  });

  it('does not repeat a name of a client at full length', async () => {
    const [error] = await errorsOf({ ...valid, [`${'x'.repeat(63)}🙂${'y'.repeat(60_000)}`]: 1 });
    expect(error).toEqual({
      pointer: `/${'x'.repeat(63)}\ufffd…`,
      code: 'not-allowed',
      detail: `${'x'.repeat(63)}\ufffd… is not a known field`,
    });
  });

  it.each([
    ['names', Object.fromEntries(Array.from({ length: 201 }, (_, index) => [index, '']))],
    ['values of one name', { limit: Array.from({ length: 201 }, () => '1') }],
  ])('does not look at a query with too many %s', async (_name, query) => {
    expect(await errorsOf(query, 'query', Query)).toMatchObject([
      { pointer: '?', code: 'too-many' },
    ]);
  });

  it('refuses fields named like what every object has, beside all else that is wrong', async () => {
    const body: unknown = JSON.parse(
      '{"email":7,"toString":"x","constructor":{},"__proto__":1,"inner":{"name":"x","valueOf":1}}',
    );
    const errors = await errorsOf(body);
    expect(errors.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/toString', 'not-allowed'],
      ['/constructor', 'not-allowed'],
      ['/__proto__', 'not-allowed'],
      ['/inner/valueOf', 'not-allowed'],
      ['/email', 'wrong-type'],
    ]);
    expect(await errorsOf({ hasOwnProperty: '1' }, 'query', Query)).toEqual([
      {
        pointer: '?hasOwnProperty',
        code: 'not-allowed',
        detail: 'hasOwnProperty is not a known field',
      },
    ]);
  });

  it.each([null, undefined, [], 'text', 7])('refuses the body %j', async (body) => {
    expect(await errorsOf(body)).toMatchObject([{ pointer: '', code: 'wrong-type' }]);
  });
});
