import { describe, expect, it } from '@jest/globals';
import { may } from './permissions.js';
import { WORKSPACE_ROLES } from './workspaces.types.js';

describe(may, () => {
  it.each([
    ['workspace:read', ['owner', 'editor', 'viewer']],
    ['workspace:write', ['owner']],
    ['links:read', ['owner', 'editor', 'viewer']],
    ['links:write', ['owner', 'editor']],
    ['stats:read', ['owner', 'editor', 'viewer']],
    ['members:read', ['owner', 'editor', 'viewer']],
    ['members:write', ['owner']],
    ['keys:read', ['owner']],
    ['keys:write', ['owner']],
    ['audit:read', ['owner']],
    ['events:read', ['owner', 'editor', 'viewer']],
    ['webhooks:read', ['owner']],
    ['webhooks:write', ['owner']],
  ] as const)('lets do %s: %j', (action, roles) => {
    expect(WORKSPACE_ROLES.filter((role) => may(role, action))).toEqual(roles);
  });
});
