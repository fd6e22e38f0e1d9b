import { Injectable } from '@nestjs/common';
import { PasswordHasherService } from '../auth/password-hasher.service.js';
import { Clock } from '../common/clock.js';
import { currentRequest } from '../common/request-context.js';
import type { LinkEntity } from './link.entity.js';

type PasswordColumns = Pick<Partial<LinkEntity>, 'passwordHash' | 'passwordSetAt'>;

/** Makes of passwords what is stored of them: the hash, and since when it is the password. */
@Injectable()
export class LinkPasswordsService {
  constructor(
    private readonly hasher: PasswordHasherService,
    private readonly clock: Clock,
  ) {}

  /**
   * What to set if a link is to have this password: null takes it away, and undefined changes nothing.
   * Call it when all else is known to be valid: a hash takes time, and waits its turn.
   * @throws ProblemError too-many-requests
   */
  async columnsOf(password: string | null | undefined): Promise<PasswordColumns> {
    if (password === undefined) return {};
    if (password === null) return { passwordHash: null, passwordSetAt: null };
    const passwordHash = await this.hasher.hash(password, currentRequest()?.client?.());
    return { passwordHash, passwordSetAt: new Date(this.clock.now()) };
  }
}
