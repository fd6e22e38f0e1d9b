import { Global, Module } from '@nestjs/common';
import { ConnectionLimits } from './connection-limits.js';
import { HttpConnections } from './http-connections.js';

/** The connections of clients, for whoever answers before the framework. */
@Global()
@Module({ providers: [ConnectionLimits, HttpConnections], exports: [HttpConnections] })
export class HttpModule {}
