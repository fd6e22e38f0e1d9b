import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { Clock } from '../common/clock.js';
import { RateLimitsModule } from '../rate-limits/rate-limits.module.js';
import { AccessTokens } from './access-tokens.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { ApiKeyPurgeService } from './api-key-purge.service.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { HashingThreads } from './hashing.threads.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import { PasswordHasherService } from './password-hasher.service.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import { SessionEntity } from './session.entity.js';
import { SessionPurgeService } from './session-purge.service.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { SetupService } from './setup.service.js';
import { TokenOwnerService } from './token-owner.service.js';
import { UserEntity } from './user.entity.js';
import { UsersAdminRepository } from './users-admin.repository.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

/** Accounts, sessions, and the guard that stands before every route of the application. */
@Module({
  imports: [
    TypeOrmModule.forFeature([UserEntity, SessionEntity, RefreshTokenEntity, ApiKeyEntity]),
    PassportModule,
    RateLimitsModule,
    AuditModule,
  ],
  controllers: [AuthController, SessionsController, UsersController],
  providers: [
    AuthService,
    SessionsService,
    SetupService,
    UsersRepository,
    SessionsRepository,
    SessionPurgeService,
    AccessTokens,
    JwtStrategy,
    TokenOwnerService,
    ApiKeyStrategy,
    ApiKeysService,
    ApiKeysRepository,
    ApiKeyPurgeService,
    UsersService,
    UsersAdminRepository,
    PasswordHasherService,
    HashingThreads,
    Clock,
    { provide: APP_GUARD, useClass: JwtAuthGuard },
  ],
  exports: [AuthService, SessionsService, UsersService, ApiKeysService, PasswordHasherService],
})
export class AuthModule {}
