import { accessSync, constants, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { getMetadataStorage, ValidateBy, type ValidationOptions } from 'class-validator';
import { isPlaceholder } from './placeholder.js';
import type { ConfigClass } from './setting.decorator.js';

/*
 * What settings are expected to be. Each is a class-validator decorator whose message completes
 * the sentence "PORT must be …", so that errors and .env.example say the same.
 */

const MUST_BE = 'must be ';

function expectation(
  expected: string,
  isMet: (value: unknown) => boolean,
  options?: ValidationOptions,
): PropertyDecorator {
  const message = MUST_BE + expected;
  return ValidateBy({ name: expected, validator: { validate: isMet } }, { message, ...options });
}

/** For text, which then says `isMet` about the text alone. */
function textual(expected: string, isMet: (text: string) => boolean): PropertyDecorator {
  return expectation(expected, (value) => typeof value === 'string' && isMet(value));
}

export const IntegerFrom = (minimum: number, maximum: number, options?: ValidationOptions) =>
  expectation(
    `an integer from ${minimum} to ${maximum}`,
    (value) => Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum,
    options,
  );

export const TrueOrFalse = () =>
  expectation('true or false', (value) => typeof value === 'boolean');

export const OneOf = (...choices: readonly string[]) => {
  const list = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
  return textual(list, (text) => choices.includes(text));
};

export const Directory = () => textual('a path of a directory', (text) => !text.includes('\0'));

export const HostName = () =>
  textual(
    'an IP address or a host name to listen on, without a port',
    (text) => isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text),
  );

export const BaseUrl = () =>
  textual('an http or https URL without user info, query or hash', (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) return false;
    return url.username === '' && url.password === '' && !/[?#]/.test(text);
  });

export const HttpUrl = () =>
  textual('an http or https URL without user info', (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) return false;
    return url.username === '' && url.password === '' && !/\p{Cc}/u.test(text);
  });

export const PostgresUrl = () =>
  textual(
    'a postgres:// or postgresql:// URL',
    (text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text),
  );

/** The words have become paths, or nothing, when the value is validated. */
export const ReadableFileOr = (...words: readonly string[]) =>
  textual(`${words.join(', ')} or a path of a readable file`, (path) => {
    try {
      accessSync(path, constants.R_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });

export const NetworkList = () =>
  expectation(
    'a comma-separated list of IP addresses and CIDR ranges',
    (value) => Array.isArray(value) && value.every(isNetwork),
  );

export const OriginList = () =>
  expectation(
    'a comma-separated list of origins (http or https, a host, perhaps a port; no path, no *)',
    (value) => Array.isArray(value) && value.every(isOrigin),
  );

/** They run code, read files or show either in their own name, and are no targets of a link. */
const DANGEROUS_SCHEMES = new Set(
  `about blob chrome data feed file filesystem jar javascript jscript livescript mhtml mocha
   ms-its mk resource res vbscript view-source wyciwyg`.split(/\s+/),
);

export const TargetSchemes = () =>
  expectation(
    'a comma-separated list of URL schemes, without javascript, data, file and others that run code or read files',
    (value) =>
      Array.isArray(value) &&
      value.every((scheme) => /^[a-z][a-z0-9+.-]*$/.test(scheme) && !DANGEROUS_SCHEMES.has(scheme)),
  );

function isOrigin(value: unknown): boolean {
  const text = String(value);
  return /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function isNetwork(value: unknown): boolean {
  const [address = '', prefix, ...rest] = String(value).split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (bits < 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

export const BytesAtLeast = (minimum: number) =>
  textual(`at least ${minimum} bytes long`, (text) => Buffer.byteLength(text) >= minimum);

/** Separated by commas or line breaks, which therefore none of them has. */
export const SecretsOfAtLeast = (minimum: number) =>
  expectation(
    `a list of secrets, each at least ${minimum} bytes long`,
    (value) =>
      Array.isArray(value) && value.every((secret) => Buffer.byteLength(String(secret)) >= minimum),
  );

/** What a client can send behind "Bearer" (RFC 6750). */
export const BearerToken = (minimum: number) =>
  textual(
    `a token of at least ${minimum} of the characters A-Z a-z 0-9 - . _ ~ + / =`,
    (text) => text.length >= minimum && /^[A-Za-z0-9\-._~+/]+=*$/.test(text),
  );

export const NotAPlaceholder = (options: ValidationOptions & { example: string }) =>
  expectation(
    'a random secret instead of a placeholder',
    (value) => typeof value === 'string' && value !== options.example && !isPlaceholder(value),
    { groups: options.groups },
  );

/** As NotAPlaceholder, of a list. */
export const NoPlaceholders = (options: ValidationOptions & { example: string }) =>
  expectation(
    'random secrets instead of placeholders',
    (value) =>
      Array.isArray(value) &&
      value.every((secret) => secret !== options.example && !isPlaceholder(String(secret))),
    { groups: options.groups },
  );

/** What the setting of this field has to be, in words, and the environments where it is so. */
export function expectationsOf(configClass: ConfigClass, property: string) {
  return getMetadataStorage()
    .getTargetValidationMetadatas(configClass, '', true, false)
    .filter((metadata) => metadata.propertyName === property)
    .map(({ message, groups }) => ({ message: String(message), environments: groups ?? [] }))
    .filter(({ message }) => message.startsWith(MUST_BE) && !message.startsWith(`${MUST_BE}set `))
    .map(({ message, environments }) => ({ text: message.slice(MUST_BE.length), environments }));
}
