import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { DatabaseService } from '../database/database.service.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';

@Injectable()
export class RefreshTokensRepository {
  constructor(private readonly database: DatabaseService) {}

  async findByHash(tokenHash: Buffer): Promise<RefreshTokenEntity | undefined> {
    return (await this.tokens.findOneBy({ tokenHash })) ?? undefined;
  }

  async add(token: RefreshTokenEntity): Promise<void> {
    await this.tokens.insert(token);
  }

  async markUsed(id: string, usedAt: Date): Promise<void> {
    await this.tokens.update({ id }, { usedAt });
  }

  async deleteFamily(familyId: string): Promise<void> {
    await this.tokens.delete({ familyId });
  }

  async deleteExpiredOf(userId: string, now: Date): Promise<void> {
    await this.tokens.delete({ userId, expiresAt: LessThan(now) });
  }

  private get tokens() {
    return this.database.repository(RefreshTokenEntity);
  }
}
