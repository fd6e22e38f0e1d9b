import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthConfig } from '../../config/auth.config.js';
import { Clock } from '../common/clock.js';
import { ACCESS_TOKEN, tokenKey } from './access-token.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { HashingThreads } from './hashing.threads.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import { PasswordHasher } from './password-hasher.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import { RefreshTokensRepository } from './refresh-tokens.repository.js';
import { SessionsService } from './sessions.service.js';
import { SetupService } from './setup.service.js';
import { UserEntity } from './user.entity.js';
import { UsersRepository } from './users.repository.js';

/** Accounts, sessions, and the guard that stands before every route of the application. */
@Module({
  imports: [
    TypeOrmModule.forFeature([UserEntity, RefreshTokenEntity]),
    PassportModule,
    JwtModule.registerAsync({
      inject: [AuthConfig],
      useFactory: ({ jwtSecret, accessTokenTtlSeconds }: AuthConfig) => ({
        secret: tokenKey(jwtSecret),
        signOptions: { ...ACCESS_TOKEN, expiresIn: accessTokenTtlSeconds },
      }),
    }),
  ],
  controllers: [AuthController],
  providers: [
    AuthService,
    SessionsService,
    SetupService,
    UsersRepository,
    RefreshTokensRepository,
    PasswordHasher,
    HashingThreads,
    JwtStrategy,
    Clock,
    { provide: APP_GUARD, useClass: JwtAuthGuard },
  ],
  exports: [AuthService],
})
export class AuthModule {}
