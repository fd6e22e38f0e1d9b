import { Global, Module, type Provider } from '@nestjs/common';
import { ConfigModule as NestConfigModule, ConfigService } from '@nestjs/config';
import { CONFIG_CLASSES } from './app-config.js';
import { processConfig } from './load-config.js';

const sections: Provider[] = Object.entries(CONFIG_CLASSES).map(([concern, configClass]) => ({
  provide: configClass,
  useFactory: (config: ConfigService) => config.getOrThrow<object>(concern),
  inject: [ConfigService],
}));

/**
 * Provides every config class by its type, to every module. Variables and .env were read and
 * validated by processConfig(), which main needs before Nest is there; so Nest reads neither.
 */
@Global()
@Module({
  imports: [
    NestConfigModule.forRoot({
      ignoreEnvFile: true,
      ignoreEnvVars: true,
      skipProcessEnv: true,
      load: [processConfig],
    }),
  ],
  providers: sections,
  exports: Object.values(CONFIG_CLASSES),
})
export class ConfigModule {}
