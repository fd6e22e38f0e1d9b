import { Global, Module } from '@nestjs/common';
import { OutboundConfig } from '../../../config/outbound.config.js';
import { OutboundClient } from './outbound-client.js';

/** Requests to addresses that users give. */
@Global()
@Module({
  providers: [
    {
      provide: OutboundClient,
      inject: [OutboundConfig],
      useFactory: ({ allowPrivateRequests }: OutboundConfig) =>
        new OutboundClient(allowPrivateRequests),
    },
  ],
  exports: [OutboundClient],
})
export class OutboundModule {}
