import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { LinksModule } from '../links/links.module.js';
import { RateLimitsModule } from '../rate-limits/rate-limits.module.js';
import { WorkspacesModule } from '../workspaces/workspaces.module.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';

/** What concerns all that an account has, wherever it is: its export and its end. */
@Module({
  imports: [AuthModule, WorkspacesModule, LinksModule, RateLimitsModule],
  controllers: [AccountsController],
  providers: [AccountsService],
})
export class AccountsModule {}
