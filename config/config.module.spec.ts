import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { ConfigModule } from './config.module.js';
import { loadConfig } from './load-config.js';
import { LoggingConfig } from './logging.config.js';
import { ServerConfig } from './server.config.js';

@Injectable()
class Consumer {
  constructor(
    readonly server: ServerConfig,
    readonly logging: LoggingConfig,
  ) {}
}

@Module({ providers: [Consumer] })
class FeatureModule {}

const jwtSecret = 'of-the-config-module-spec-0123456789';
const application = () => Test.createTestingModule({ imports: [ConfigModule, FeatureModule] });

describe(ConfigModule.name, () => {
  const before = { ...process.env };

  beforeAll(() => {
    Object.assign(process.env, { NODE_ENV: 'test', JWT_SECRET: jwtSecret, PORT: '4001' });
  });

  afterAll(() => {
    process.env = before;
  });

  it('gives every module the config classes by their type', async () => {
    const consumer = (await application().compile()).get(Consumer);
    expect(consumer.server).toBeInstanceOf(ServerConfig);
    expect(consumer.server.port).toBe(4001);
    expect(consumer.logging.level).toBe('info');
  });

  it('loads the configuration once per process', async () => {
    const first = (await application().compile()).get(ServerConfig);
    process.env['PORT'] = '4002';
    expect((await application().compile()).get(ServerConfig)).toBe(first);
  });

  it('lets a test replace the whole configuration in one place', async () => {
    const config = loadConfig({ NODE_ENV: 'test', JWT_SECRET: jwtSecret, PORT: '0' });
    const module = await application()
      .overrideProvider(ConfigService)
      .useValue(new ConfigService(config))
      .compile();
    expect(module.get(Consumer).server.port).toBe(0);
  });
});
