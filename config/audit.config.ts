import { IntegerFrom } from './expectations.js';
import { Setting } from './setting.decorator.js';

/** The record of what was changed, and by whom. */
export class AuditConfig {
  @Setting('AUDIT_RETENTION_DAYS', {
    description:
      'How long events of the audit trail are kept, and with them the history of links; 0 keeps them for ever.',
    unit: 'days',
    default: 365,
  })
  @IntegerFrom(0, 36_500)
  readonly retentionDays: number;
}
