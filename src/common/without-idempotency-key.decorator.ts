import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export const WITHOUT_IDEMPOTENCY_KEY = 'x-without-idempotency-key';

/**
 * For routes that make passwords or tokens: their answers are never stored, and no transaction is
 * open while they hash. For routes that take files, which are not read before they are stored. And for those
 * that wait for others, such as the DNS, or for another connection to the database, which the embedded one has
 * not got while a transaction is open, and may be repeated. An Idempotency-Key is ignored, and the OpenAPI
 * document says so.
 */
export const WithoutIdempotencyKey = (): ClassDecorator & MethodDecorator =>
  applyDecorators(
    SetMetadata(WITHOUT_IDEMPOTENCY_KEY, true),
    ApiExtension(WITHOUT_IDEMPOTENCY_KEY, true),
  );
