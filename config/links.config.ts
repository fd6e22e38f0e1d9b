import { IntegerFrom, TargetSchemes, TrueOrFalse } from './expectations.js';
import { Setting } from './setting.decorator.js';

export class LinksConfig {
  @Setting('ALLOW_PRIVATE_TARGETS', {
    description:
      'Whether links may lead to private and loopback addresses, as internal teams need.',
    default: true,
  })
  @TrueOrFalse()
  readonly allowPrivateTargets: boolean;

  @Setting('ALLOWED_TARGET_SCHEMES', {
    description:
      'Schemes that links may lead to besides http and https, such as mailto, tel and those of apps, separated by commas. What stands behind their "//" is held against blocked hosts and ALLOW_PRIVATE_TARGETS.',
    default: [],
    example: 'mailto,tel,myapp',
    parse: (text) =>
      text
        .toLowerCase()
        .split(',')
        .map((scheme) => scheme.trim().replace(/:(\/\/)?$/, ''))
        .filter((scheme) => scheme !== ''),
  })
  @TargetSchemes()
  readonly allowedTargetSchemes: string[];

  @Setting('REFUSE_OFFENSIVE_CODES', {
    description:
      'Whether a code that somebody chooses must not have an offensive English word between its hyphens. Random codes never have one.',
    default: false,
  })
  @TrueOrFalse()
  readonly refuseOffensiveCodes: boolean;

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
