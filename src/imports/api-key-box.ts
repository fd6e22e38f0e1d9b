import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../config/auth.config.js';
import { SecretBox } from '../common/secret-box.js';

/** Keeps the API keys of other services until their links are read; each opens for its import only. */
@Injectable()
export class ApiKeyBox extends SecretBox {
  constructor({ jwtSecret, jwtPreviousSecrets }: AuthConfig) {
    super('imports/api-key', jwtSecret, jwtPreviousSecrets);
  }
}
