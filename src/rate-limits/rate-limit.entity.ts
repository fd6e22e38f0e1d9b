import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What somebody has used up of a limit in the current window. rate-limiter-flexible reads and writes it. */
@Entity('rate_limits')
export class RateLimitEntity {
  /** The name of the policy and a keyed hash of whom it counts: never an address or a name. */
  @PrimaryColumn({ name: 'key', type: 'text', primaryKeyConstraintName: 'rate_limits_pkey' })
  key: string;

  @Column({ name: 'points', type: 'integer' })
  points: number;

  /** When the window ends, in Unix milliseconds. */
  @Column({ name: 'expire', type: 'bigint' })
  expire: string;
}
