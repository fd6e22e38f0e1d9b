import { Global, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ConnectionLimits } from './connection-limits.js';
import { HttpConnections } from './http-connections.js';
import { NextPageInterceptor } from './link-header.js';
import { ReturnMinimalInterceptor } from './return-minimal.js';

/**
 * The connections of clients, for whoever answers before the framework; and what holds for the answers of all
 * operations, outside of the interceptors of modules that come later.
 */
@Global()
@Module({
  providers: [
    ConnectionLimits,
    HttpConnections,
    { provide: APP_INTERCEPTOR, useClass: NextPageInterceptor },
    { provide: APP_INTERCEPTOR, useClass: ReturnMinimalInterceptor },
  ],
  exports: [HttpConnections],
})
export class HttpModule {}
