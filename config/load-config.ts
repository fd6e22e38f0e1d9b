import { validateSync } from 'class-validator';
import { CONFIG_CLASSES, type AppConfig } from './app-config.js';
import { ConfigError } from './config.error.js';
import { keptJwtSecret } from './jwt-secret.js';
import { completedFrom, readDotEnv, type Env } from './dot-env.js';
import { misspelledSettings } from './misspelled-settings.js';
import { readSecret, type Read } from './secret-files.js';
import {
  defaultIn,
  ENVIRONMENTS,
  settingsOf,
  type ConfigClass,
  type EnvironmentName,
  type Setting,
} from './setting.decorator.js';
import { circlesOf } from './visitors.config.js';

let ofThisProcess: AppConfig | undefined;

/** The configuration of this process, loaded when it is first asked for. */
export function processConfig(): AppConfig {
  ofThisProcess ??= loadProcessConfig();
  return ofThisProcess;
}

/** The configuration as the environment of this process and .env describe it now. */
export function loadProcessConfig(): AppConfig {
  return loadConfig(process.env, readDotEnv(process.env, process.cwd()));
}

/**
 * The configuration that the variables describe, and those of a file where there are none.
 * Throws one ConfigError with every problem there is.
 */
export function loadConfig(variables: Env, file: Env = {}): AppConfig {
  const env = completedFrom(file, variables);
  const environment = environmentOf(env);
  const problems = misspelledSettings(variables, file);
  const sections = Object.entries(CONFIG_CLASSES).map(([concern, configClass]) => [
    concern,
    loadSection(configClass, env, environment, problems),
  ]);
  const config = Object.fromEntries(sections) as AppConfig;
  problems.push(...problemsBetween(config, problems));
  if (problems.length > 0) throw new ConfigError(problems);
  fillDerived(config);
  return config;
}

/** Rules need an environment even when NODE_ENV is wrong; that it is wrong is told anyway. */
function environmentOf(env: Env): EnvironmentName {
  return ENVIRONMENTS.find((name) => name === env['NODE_ENV']?.trim()) ?? 'development';
}

function loadSection(
  configClass: ConfigClass,
  env: Env,
  environment: EnvironmentName,
  problems: string[],
): object {
  const section = new configClass();
  const settings = settingsOf(configClass);
  const unread = new Set<string>();
  for (const setting of settings) {
    const { text, problem } = read(setting, env);
    if (problem !== undefined) {
      problems.push(problem);
      unread.add(setting.property);
    }
    Reflect.set(section, setting.property, valueOf(setting, text, environment));
  }
  const options = { groups: [environment], always: true, skipUndefinedProperties: true };
  for (const { property, constraints = {} } of validateSync(section, options)) {
    const name = settings.find((setting) => setting.property === property)?.name ?? property;
    if (unread.has(property)) continue;
    problems.push(`${name} ${Object.values(constraints).join(' and ')}`);
  }
  return section;
}

/** An empty variable is as good as none: compose files and shells make them by accident. */
function read(setting: Setting, env: Env): Read {
  if (setting.secret) return readSecret(env, setting.name);
  return { text: env[setting.name]?.trim() || undefined };
}

function valueOf(setting: Setting, text: string | undefined, environment: EnvironmentName) {
  if (text !== undefined) return setting.parse(text);
  const value = defaultIn(environment, setting);
  return typeof value === 'string' ? setting.parse(value) : value;
}

function problemsBetween(config: AppConfig, known: readonly string[]): string[] {
  const { server, database, operations, visitors } = config;
  const problems: string[] = [];
  const { workers, shutdownDelaySeconds, shutdownGraceSeconds } = server;
  const isUrlWrong = known.some((problem) => problem.startsWith('DATABASE_URL'));
  if (workers > 1 && database.url === undefined && !isUrlWrong) {
    problems.push(
      'WORKERS must be 1 while DATABASE_URL is not set: the embedded database serves one process',
    );
  }
  if (database.reportsUrl !== undefined && database.url === undefined && !isUrlWrong) {
    problems.push('REPORTS_DATABASE_URL needs DATABASE_URL: the embedded database has no replicas');
  }
  // After half of the time connections are closed, whether they are idle or not.
  if (shutdownDelaySeconds > 0 && shutdownDelaySeconds >= shutdownGraceSeconds / 2) {
    problems.push('SHUTDOWN_DELAY_SECONDS must be less than half of SHUTDOWN_GRACE_SECONDS');
  }
  if (operations.metricsPort === server.port && server.port !== 0) {
    problems.push('METRICS_PORT must be another port than PORT');
  }
  problems.push(...circlesOf(visitors, server.publicUrl ?? localUrl(server.port)));
  return problems;
}

const localUrl = (port: number): string => `http://localhost:${port}`;

/** Defaults that depend on other settings. */
function fillDerived({ environment, server, database, auth }: AppConfig): void {
  const local = environment.name === 'development' || environment.name === 'test';
  setUnlessSet(server, 'publicUrl', () => localUrl(server.port));
  // Nobody else can reach the embedded database to migrate it.
  setUnlessSet(database, 'migrateOnStart', () => local || database.url === undefined);
  setUnlessSet(auth, 'jwtSecret', () => keptJwtSecret(server.dataDir));
}

function setUnlessSet<T extends object, K extends keyof T>(to: T, key: K, make: () => T[K]): void {
  if (to[key] === undefined) Object.assign(to, { [key]: make() });
}
