import { ApiProperty } from '@nestjs/swagger';
import { type Account, USER_ROLES, type UserRole } from '../auth.types.js';

export class UserResponse {
  @ApiProperty({ format: 'uuid', example: '01981f3e-6c1a-7d52-9b0e-4f2a8c6d1e35' })
  id: string;

  @ApiProperty({ format: 'idn-email', example: 'ada@example.com' })
  email: string;

  @ApiProperty({ type: String, nullable: true, example: 'Ada Lovelace' })
  name: string | null;

  @ApiProperty({
    description: 'The first user of an installation is its administrator.',
    enum: USER_ROLES,
    example: 'member',
  })
  role: UserRole;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:30:00.000Z' })
  createdAt: string;

  static from({ id, email, name, role, createdAt }: Account): UserResponse {
    return { id, email, name, role, createdAt: createdAt.toISOString() };
  }
}
