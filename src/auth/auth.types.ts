export const USER_ROLES = ['admin', 'member'] as const;

/** What a user may do on the whole installation; what they may do with links is their workspace role. */
export type UserRole = (typeof USER_ROLES)[number];

/** What an API key may do in its workspace. */
export const SCOPES = [
  'links:read',
  'links:write',
  'stats:read',
  'members:read',
  'audit:read',
  'events:read',
  'webhooks:read',
  'webhooks:write',
] as const;
export type Scope = (typeof SCOPES)[number];

/** Who sent the request, as the guard found it in the database moments ago. */
export interface AuthenticatedUser {
  id: string;
  email: string;
  role: UserRole;
  /** That of the access token. */
  sessionId?: string;
  /** Set if it is no user but an API key, whose id is `id`; it has no address. */
  scopes?: readonly Scope[];
}

/** An API key as it is shown: never itself. */
export interface ApiKey {
  id: string;
  name: string;
  scopes: Scope[];
  /** How the key begins. */
  prefix: string;
  /** How the key ends. */
  lastFour: string;
  createdBy: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

/** A key with what is shown only once. */
export interface NewApiKey extends ApiKey {
  key: string;
}

/** A user as others may see them: never with the password hash. */
export interface Account extends Omit<AuthenticatedUser, 'scopes'> {
  name: string | null;
  createdAt: Date;
}

/** A user as administrators of the instance see them. */
export interface ManagedUser extends Account {
  disabledAt: Date | null;
  linksDisabledAt: Date | null;
}

/** What an administrator may change of a user; absent fields stay as they are. */
export interface UserChanges {
  disabled?: boolean;
  linksDisabled?: boolean;
  role?: UserRole;
}

export interface Credentials {
  email: string;
  password: string;
}

export interface PasswordChange {
  currentPassword: string;
  newPassword: string;
}

export interface NewAccount extends Credentials {
  name?: string;
}

export interface Registration extends NewAccount {
  /** Proves that the first account is made by whoever runs the service. */
  setupToken?: string;
}

/** Where a session is used, as far as it is stored: enough to be recognised by its user. */
export interface SessionClient {
  browser: string | null;
  os: string | null;
  /** The address, cut to its /24 or /48. */
  network: string | null;
}

/** A session as its user sees it: one login, wherever it was, and what became of it. */
export interface OwnSession {
  id: string;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
  /** Whether it is the one that asks. */
  current: boolean;
  client: SessionClient;
}

/** What a client gets to act as a user. */
export interface Session {
  user: Account;
  accessToken: string;
  refreshToken: string;
  /** Seconds until the access token expires. */
  expiresIn: number;
}

/**
 * What other features do for a new user. It runs in the transaction of the registration, so either
 * both happen or neither. Features that build on auth hand theirs to `AuthService.onRegistration`,
 * which keeps auth unaware of them.
 */
export interface RegistrationHook {
  onRegistered(user: Account): Promise<void>;
}
