/** The limits by name; RATE_LIMIT_… says how much each allows. */
export type PolicyName =
  | 'link-password'
  | 'link-password-address'
  | 'link-password-link'
  | 'api'
  | 'login'
  | 'login-address'
  | 'login-account'
  | 'registration'
  | 'unknown-codes';

/** What is left of a limit to whom it counts. */
export interface Allowance {
  policy: PolicyName;
  /** How many are allowed … */
  quota: number;
  /** … within so many seconds. */
  windowSeconds: number;
  remaining: number;
  /** Until there is the whole quota again; at least 1. */
  resetSeconds: number;
}
