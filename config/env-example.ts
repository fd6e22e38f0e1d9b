import { CONFIG_CLASSES } from './app-config.js';
import { expectationsOf } from './expectations.js';
import {
  defaultIn,
  ENVIRONMENTS,
  settingsOf,
  type ConfigClass,
  type Setting,
} from './setting.decorator.js';

const HEADER = `# The settings of Signpost, made from the classes in config/ by: npm run env:example
#
# Copy this file to .env and change what you need. Variables of the process win over those in .env,
# an empty variable counts as not set, and with NODE_ENV=test .env is not read. A secret can be
# read from a file instead: <NAME>_FILE=/run/secrets/name.
`;

const and = new Intl.ListFormat('en-GB');

/** The text of .env.example: every setting there is, as its class describes it. */
export function envExample(): string {
  const groups = Object.entries(CONFIG_CLASSES).map(([concern, configClass]) =>
    [
      `# ${'-'.repeat(8)} ${concern} ${'-'.repeat(8)}\n`,
      ...settingsOf(configClass).map((setting) => describe(configClass, setting)),
    ].join('\n'),
  );
  return [HEADER, ...groups].join('\n');
}

function describe(configClass: ConfigClass, setting: Setting): string {
  const value = sameEverywhere(setting);
  const lines = [
    setting.description,
    expected(configClass, setting),
    `Default: ${standard(setting)}`,
  ];
  if (setting.required) lines.push(`Required ${setting.required}.`);
  if (setting.secret) lines.push(`Secret, also read from the file ${setting.name}_FILE names.`);
  const assignment = value
    ? `${setting.name}=${value}`
    : `# ${setting.name}=${setting.example ?? defaults(setting)[0]}`;
  return [...lines.map((line) => `# ${line}`), assignment, ''].join('\n');
}

function expected(configClass: ConfigClass, { property, unit }: Setting): string {
  const texts = expectationsOf(configClass, property).map(({ text, environments }) =>
    environments.length > 0 ? `${text} in ${and.format(environments)}` : text,
  );
  return `Expects: ${texts.join('; ')}${unit ? ` (${unit})` : ''}`;
}

function standard(setting: Setting): string {
  if (setting.derivedDefault) return setting.derivedDefault;
  const values = defaults(setting);
  const distinct = [...new Set(values)];
  if (distinct.length === 1) return distinct[0] || 'none';
  return distinct
    .map((value) => {
      const where = ENVIRONMENTS.filter((_, index) => values[index] === value);
      return `${value} in ${and.format(where)}`;
    })
    .join(', ');
}

/**
 * What may stand in every .env as it is. Secrets, and settings whose default depends, are only
 * shown: a copied value would freeze them.
 */
function sameEverywhere(setting: Setting): string | undefined {
  const [first, ...others] = new Set(defaults(setting));
  return setting.secret || others.length > 0 ? undefined : first;
}

function defaults(setting: Setting): string[] {
  return ENVIRONMENTS.map((environment) => String(defaultIn(environment, setting) ?? ''));
}
