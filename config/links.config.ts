import { IntegerFrom, TrueOrFalse } from './expectations.js';
import { Setting } from './setting.decorator.js';

export class LinksConfig {
  @Setting('ALLOW_PRIVATE_TARGETS', {
    description:
      'Whether links may lead to private and loopback addresses, as internal teams need.',
    default: true,
  })
  @TrueOrFalse()
  readonly allowPrivateTargets: boolean;

  @Setting('MAX_LINKS_PER_WORKSPACE', {
    description:
      'Links that a workspace may have, deleted ones included, since their codes stay taken; 0 is no limit.',
    unit: 'links',
    default: 0,
  })
  @IntegerFrom(0, 1_000_000_000)
  readonly maxLinksPerWorkspace: number;

  @Setting('MAX_WORKSPACES_PER_USER', {
    description:
      'Workspaces that a user may own and still make another, so that they do not get round the limit of links; 0 is no limit.',
    unit: 'workspaces',
    default: 100,
  })
  @IntegerFrom(0, 1_000_000)
  readonly maxWorkspacesPerUser: number;

  @Setting('LINK_CACHE_SIZE', {
    description:
      'Links that each process keeps in memory, fewer if their targets have more than 1,024 characters on average; these redirect without the database.',
    unit: 'links',
    default: 100_000,
  })
  @IntegerFrom(1, 10_000_000)
  readonly cacheSize: number;
}
