import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { useContainer } from 'class-validator';

/**
 * Lets validation rules have dependencies: those that a module provides are taken from there, all
 * others class-validator makes itself.
 */
export function provideValidationRules(modules: ModuleRef): void {
  const known = new Map<unknown, unknown>();
  const find = (rule: unknown): unknown => {
    try {
      return modules.get(rule as Type, { strict: false });
    } catch {
      return undefined;
    }
  };
  useContainer(
    {
      get: (rule: unknown) => {
        if (!known.has(rule)) known.set(rule, find(rule));
        return known.get(rule) as never;
      },
    },
    { fallback: true },
  );
}
