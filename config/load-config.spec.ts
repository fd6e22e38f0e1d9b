import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError } from './config.error.js';
import type { Env } from './dot-env.js';
import { loadConfig } from './load-config.js';
import { doubtfulSettings } from './misspelled-settings.js';
import { ENVIRONMENTS } from './setting.decorator.js';

const secret = 'Zk3vQ8xN1rT6yB9wL4mJ7pH2sD5fG0aC';
const url = 'postgres://app:hunter2@db:5432/signpost';
const inProduction = {
  NODE_ENV: 'production',
  JWT_SECRET: secret,
  DATABASE_URL: url,
  PUBLIC_URL: 'https://go.example.com',
};

function problemsOf(env: Env): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe(loadConfig.name, () => {
  let DATA_DIR: string;

  beforeAll(() => {
    DATA_DIR = mkdtempSync(join(tmpdir(), 'signpost-config-'));
  });

  afterAll(() => rmSync(DATA_DIR, { recursive: true }));

  describe('what it says about a wrong environment', () => {
    const wrong = {
      ...inProduction,
      PORT: 'leak-a',
      HOST: 'leak:b',
      PUBLIC_URL: 'ftp://leak-c',
      TRUSTED_PROXIES: '10.0.0.0/8,leak-d',
      MIGRATE_ON_START: 'leak-e',
      DATABASE_URL: 'mysql://leak-f',
      REPORTS_DATABASE_URL: 'mysql://leak-k',
      JWT_SECRET: 'leak-g',
      JWT_PREVIOUS_SECRETS: `${secret},leak-l`,
      BCRYPT_COST: '16',
      REGISTRATION: 'leak-h',
      GEOIP_DATABASE: '/leak-i',
      LOG_LEVEL: 'leak-j',
    };

    it('names every wrong variable and what it expects, in one message', () => {
      expect(problemsOf(wrong)).toEqual([
        'PORT must be an integer from 1 to 65535',
        'HOST must be an IP address or a host name to listen on, without a port',
        'PUBLIC_URL must be an http or https URL without user info, query or hash',
        'TRUSTED_PROXIES must be a comma-separated list of IP addresses and CIDR ranges',
        'DATABASE_URL must be a postgres:// or postgresql:// URL',
        'REPORTS_DATABASE_URL must be a postgres:// or postgresql:// URL',
        'MIGRATE_ON_START must be true or false',
        'JWT_SECRET must be at least 32 bytes long and must be a random secret instead of a placeholder',
        'JWT_PREVIOUS_SECRETS must be a list of secrets, each at least 32 bytes long and must be random secrets instead of placeholders',
        'BCRYPT_COST must be an integer from 10 to 15',
        'REGISTRATION must be open or closed',
        'GEOIP_DATABASE must be bundled, off or a path of a readable file',
        'LOG_LEVEL must be trace, debug, info, warn, error or silent',
      ]);
      expect(() => loadConfig(wrong)).toThrow(/PORT must[^]*LOG_LEVEL must/);
    });

    it.each(['mailto, TEL:,myapp://,com.example.app+x,https', ''])(
      'lets links lead to %s',
      (ALLOWED_TARGET_SCHEMES) => {
        expect(problemsOf({ ...inProduction, DATA_DIR, ALLOWED_TARGET_SCHEMES })).toEqual([]);
      },
    );

    it.each([
      'javascript',
      'mailto,JavaScript:',
      'data',
      'file',
      'vbscript',
      'blob',
      'view-source',
      'filesystem',
      'about',
      'mailto tel',
      'https://example.com',
      '7z',
    ])('lets no links lead to %s', (ALLOWED_TARGET_SCHEMES) => {
      expect(problemsOf({ ...inProduction, DATA_DIR, ALLOWED_TARGET_SCHEMES })).toEqual([
        expect.stringMatching(/^ALLOWED_TARGET_SCHEMES must be a comma/),
      ]);
    });

    it('never tells a value', () => {
      expect(problemsOf(wrong).join()).not.toMatch(/leak/);
    });

    it('refuses an unknown NODE_ENV, and still tells the other problems', () => {
      expect(problemsOf({ NODE_ENV: 'prod', PORT: '70000' })).toEqual([
        'NODE_ENV must be development, test, staging or production',
        'PORT must be an integer from 1 to 65535',
      ]);
    });
  });

  it('refuses to serve longer after SIGTERM than connections stay open', () => {
    const problems = ['SHUTDOWN_DELAY_SECONDS must be less than half of SHUTDOWN_GRACE_SECONDS'];
    const of = (SHUTDOWN_DELAY_SECONDS: string, SHUTDOWN_GRACE_SECONDS: string) =>
      problemsOf({ ...inProduction, SHUTDOWN_DELAY_SECONDS, SHUTDOWN_GRACE_SECONDS });
    expect([of('5', '10'), of('2', '4')]).toEqual([problems, problems]);
    expect([of('4', '10'), of('0', '1')]).toEqual([[], []]);
  });

  it('takes an empty variable for one that is not set', () => {
    const config = loadConfig({ ...inProduction, PORT: '', LOG_LEVEL: ' ', JWT_SECRET_FILE: '' });
    expect(config.server.port).toBe(3000);
    expect(config.logging.level).toBe('info');
  });

  describe('names that are no setting', () => {
    const HOME = '/root';
    const foreign = { HOSTNAME: 'a', npm_config_port: '1', PORT_RANGE: '-', REPORT: 'x', HOME };

    it.each([
      ['REGISTRATIONS', 'REGISTRATION'],
      ['PUBLIC_ULR', 'PUBLIC_URL'],
      ['registration', 'REGISTRATION'],
      ['JWT_SECRET_FLE', 'JWT_SECRET_FILE'],
    ])('refuses %s, and asks whether %s was meant', (name, meant) => {
      expect(problemsOf({ ...inProduction, [name]: 'closed' })).toEqual([
        `${name} is not a setting; did you mean ${meant}?`,
      ]);
      expect(doubtfulSettings({ [name]: 'closed' })).toEqual([]);
    });

    it.each([
      ['PORTS', 'PORT'],
      ['WORKER', 'WORKERS'],
      ['LINK_CACHE', 'LINK_CACHE_SIZE'],
      ['REGISTRATION_OPEN', undefined],
      ['PUBLIC_URLSS', 'PUBLIC_URL'],
    ])('starts with %s, which may be of another program, and doubts it', (name, meant) => {
      expect(problemsOf({ ...inProduction, [name]: 'x' })).toEqual([]);
      expect(doubtfulSettings({ ...inProduction, [name]: 'x' })).toEqual(
        meant ? [`The variable ${name} has no effect; did you mean ${meant}?`] : [],
      );
    });

    it('leaves those of other programs alone, and those that are empty', () => {
      expect(problemsOf({ ...inProduction, ...foreign, PUBLIC_ULR: '' })).toEqual([]);
      expect(doubtfulSettings({ ...inProduction, ...foreign })).toEqual([]);
    });

    it('refuses every one of them in .env, together with what else is wrong', () => {
      const file = { PUBLIC_ULR: 'x', PORT: 'y', ALLOW_SIGN_UP: 'false', LOG_FORMAT: '' };
      expect(() => loadConfig(inProduction, file)).toThrow(
        new ConfigError([
          'PUBLIC_ULR in .env is not a setting; did you mean PUBLIC_URL?',
          'ALLOW_SIGN_UP in .env is not a setting',
          'PORT must be an integer from 1 to 65535',
        ]),
      );
    });
  });

  it('wants the metrics on another port than everything else', () => {
    expect(problemsOf({ ...inProduction, METRICS_PORT: '3000' })).toEqual([
      'METRICS_PORT must be another port than PORT',
    ]);
  });

  describe('defaults', () => {
    const of = (NODE_ENV: string, DATABASE_URL?: string) =>
      loadConfig({ ...inProduction, NODE_ENV, DATABASE_URL, DATA_DIR });
    it('is in development when nothing is said', () => {
      expect(loadConfig({ DATA_DIR }).environment.name).toBe('development');
    });

    it('listens for the own machine in development and test, for all elsewhere', () => {
      expect(ENVIRONMENTS.map((name) => of(name, url).server.host).join()).toBe(
        '127.0.0.1,127.0.0.1,0.0.0.0,0.0.0.0',
      );
    });

    it('finds countries in the file that comes along, in another one or not at all', () => {
      const fileOf = (GEOIP_DATABASE?: string) =>
        loadConfig({ DATA_DIR, GEOIP_DATABASE }).clicks.geoipDatabase;
      expect(fileOf()).toMatch(/iptoasn-country\.mmdb$/);
      expect(fileOf('bundled')).toBe(fileOf());
      expect(fileOf('package.json')).toBe(resolve('package.json'));
      expect(fileOf('off')).toBeUndefined();
    });

    it('hashes cheaply in tests only', () => {
      expect(ENVIRONMENTS.map((name) => of(name, url).auth.bcryptCost)).toEqual([12, 4, 12, 12]);
    });

    it('migrates at start in development and test', () => {
      const migrates = ENVIRONMENTS.filter((name) => of(name, url).database.migrateOnStart);
      expect(migrates).toEqual(['development', 'test']);
    });

    it('migrates the embedded database everywhere, unless told not to', () => {
      expect(of('staging').database.migrateOnStart).toBe(true);
      const told = { NODE_ENV: 'staging', JWT_SECRET: secret, MIGRATE_ON_START: 'false' };
      expect(loadConfig(told).database.migrateOnStart).toBe(false);
    });
  });

  describe('secrets', () => {
    it('cannot do without PUBLIC_URL, JWT_SECRET and DATABASE_URL in production', () => {
      expect(problemsOf({ NODE_ENV: 'production' })).toEqual([
        'PUBLIC_URL must be set in production, to the http or https URL that visitors use',
        'DATABASE_URL must be set in production, to a postgres:// or postgresql:// URL',
        'JWT_SECRET must be set outside development, to a random secret of at least 32 bytes',
      ]);
    });

    it.each(['test', 'staging'])('cannot do without JWT_SECRET in %s', (NODE_ENV) => {
      expect(problemsOf({ NODE_ENV })).toHaveLength(1);
    });

    it.each(['staging', 'production'])('refuses a placeholder in %s', (NODE_ENV) => {
      const JWT_SECRET = 'changeme-changeme-changeme-changeme';
      expect(problemsOf({ ...inProduction, NODE_ENV, JWT_SECRET })).toEqual([
        'JWT_SECRET must be a random secret instead of a placeholder',
      ]);
    });

    it('refuses a short JWT_SECRET in development too', () => {
      expect(problemsOf({ JWT_SECRET: secret.slice(1), DATA_DIR })).toEqual([
        'JWT_SECRET must be at least 32 bytes long',
      ]);
    });

    it('makes a secret in development, keeps it to itself and finds it again', () => {
      const { auth } = loadConfig({ DATA_DIR });
      const path = join(DATA_DIR, 'jwt-secret');
      expect(auth.jwtSecret).toBe(readFileSync(path, 'utf8'));
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(loadConfig({ DATA_DIR }).auth.jwtSecret).toBe(auth.jwtSecret);
    });
  });
});
