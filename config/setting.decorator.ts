import 'reflect-metadata';

/** The values of NODE_ENV. */
export const ENVIRONMENTS = ['development', 'test', 'staging', 'production'] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

type Value = string | number | boolean | readonly string[];

export interface SettingOptions {
  /** Written into .env.example: what the setting is for, and when to change it. */
  description: string;
  unit?: string;
  default?: Value | Readonly<Record<EnvironmentName, Value>>;
  /** Describes a default that depends on other settings; load-config.ts fills it in. */
  derivedDefault?: string;
  /** Says when the setting has to be set, if it is not optional everywhere. */
  required?: string;
  /** May also be read from the file that `<NAME>_FILE` names, and is never printed. */
  secret?: boolean;
  /** Shown in .env.example where there is no default to show; refused as a secret. */
  example?: string;
  /** Turns the text into the value; without it the type of the field decides. */
  parse?: (text: string) => unknown;
}

export interface Setting extends SettingOptions {
  /** The environment variable. */
  name: string;
  property: string;
  parse: (text: string) => unknown;
}

export type ConfigClass = new () => object;

const KEY = Symbol('settings');

/** Fills the field from an environment variable; validators beside it say what is expected. */
export function Setting(name: string, options: SettingOptions): PropertyDecorator {
  return (target, property) => {
    const type: unknown = Reflect.getMetadata('design:type', target, property);
    const setting: Setting = {
      ...options,
      name,
      property: String(property),
      parse: options.parse ?? parserFor(type),
    };
    Reflect.defineMetadata(KEY, [...settingsOf(target.constructor), setting], target.constructor);
  };
}

/** The settings of a config class, in the order of its fields. */
export function settingsOf(configClass: object): Setting[] {
  return (Reflect.getOwnMetadata(KEY, configClass) as Setting[] | undefined) ?? [];
}

export function defaultIn(environment: EnvironmentName, setting: Setting): Value | undefined {
  const value = setting.default;
  return isPerEnvironment(value) ? value[environment] : value;
}

function isPerEnvironment(
  value: SettingOptions['default'],
): value is Readonly<Record<EnvironmentName, Value>> {
  return typeof value === 'object' && !Array.isArray(value);
}

/** Text that does not fit is handed on as it is: the validators of the field refuse it. */
function parserFor(type: unknown): (text: string) => unknown {
  if (type === Number) return parseInteger;
  if (type === Boolean) return parseBoolean;
  if (type === Array) return parseList;
  return (text) => text;
}

/** Stricter than Number(), which takes 1e3, 0x10 and a blank for numbers. */
export function parseInteger(text: string): unknown {
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

function parseBoolean(text: string): unknown {
  if (/^(true|1)$/i.test(text)) return true;
  return /^(false|0)$/i.test(text) ? false : text;
}

export function parseList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
