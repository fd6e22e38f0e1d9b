import { TrueOrFalse } from './expectations.js';
import { Setting } from './setting.decorator.js';

/** Requests that the service makes to addresses that users give: webhooks and imports. */
export class OutboundConfig {
  @Setting('ALLOW_PRIVATE_REQUESTS', {
    description:
      'Whether the service may send webhooks to, and import from, private and loopback addresses. Whoever may make a webhook then reaches what only this machine should.',
    default: false,
  })
  @TrueOrFalse()
  readonly allowPrivateRequests: boolean;
}
