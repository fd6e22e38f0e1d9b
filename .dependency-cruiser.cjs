/** Who may import whom. ARCHITECTURE.md tells why; `npm run deps` enforces it. */

/** Every feature, and the features it may use; nothing else, and never back. */
const FEATURES = {
  'rate-limits': [],
  audit: [],
  events: [],
  webhooks: ['events', 'workspaces', 'auth', 'audit'],
  auth: ['rate-limits', 'audit'],
  workspaces: ['auth', 'audit'],
  domains: ['workspaces', 'auth', 'audit'],
  links: ['domains', 'workspaces', 'auth', 'idempotency', 'audit', 'events', 'rate-limits'],
  accounts: ['links', 'workspaces', 'auth', 'rate-limits', 'audit'],
  redirect: ['links', 'domains', 'workspaces', 'analytics/recording', 'auth', 'rate-limits'],
  'analytics/recording': [],
  'analytics/blocks': [],
  'analytics/ingestion': ['analytics/recording', 'analytics/blocks'],
  'analytics/reports': ['analytics/blocks', 'links', 'workspaces', 'auth', 'audit'],
  health: ['auth'],
  imports: ['links', 'domains', 'workspaces', 'auth', 'audit'],
  idempotency: ['auth'],
};
const folders = (names) => `^src/(${names.join('|')})/`;
const FEATURE = folders(Object.keys(FEATURES));
const ENTRANCE = String.raw`\.(module|service|guard|decorator|types|sql)\.ts$`;
const SPEC = String.raw`\.(spec|fake)\.ts$`;

const featureRules = Object.entries(FEATURES).map(([feature, uses]) => ({
  name: `${feature.replace('/', '-')}-uses-only-its-own`,
  comment: `${feature} may use ${uses.join(', ') || 'no other feature'}.`,
  severity: 'error',
  from: { path: folders([feature]) },
  to: { path: FEATURE, pathNot: folders([feature, ...uses]) },
}));

module.exports = {
  forbidden: [
    ...featureRules,
    {
      name: 'feature-by-its-entrance',
      comment:
        'A feature is entered by its module, service, guard, decorator, types and sql files.',
      severity: 'error',
      from: { path: String.raw`^src/(analytics/[^/]+|[^/]+)/`, pathNot: SPEC },
      to: { path: FEATURE, pathNot: ['^src/$1/', ENTRANCE] },
    },
    {
      name: 'feature-by-its-entrance-from-the-root',
      comment: 'The application itself enters features by the same doors.',
      severity: 'error',
      from: { path: String.raw`^src/([^/]+\.ts$|bootstrap/)` },
      to: { path: FEATURE, pathNot: ENTRANCE },
    },
    {
      name: 'foundation-knows-no-feature',
      severity: 'error',
      from: { path: '^(config/|src/(common|platform)/)' },
      to: { path: [FEATURE, String.raw`^src/[^/]+\.ts$`] },
    },
    {
      name: 'only-main-starts-processes',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/bootstrap/', String.raw`^src/main\.ts$`] },
      to: { path: '^src/bootstrap/' },
    },
    {
      name: 'analytics-common-knows-no-part',
      comment: 'What blocks, ingestion and reports share is below all of them.',
      severity: 'error',
      from: { path: '^src/analytics/(common/|analytics[.]types)' },
      to: {
        path: '^src/',
        pathNot: String.raw`^src/(analytics/(common/|analytics\.types\.ts)|common/)`,
      },
    },
    {
      name: 'common-imports-nothing-of-src',
      severity: 'error',
      from: { path: '^src/common/' },
      to: { path: '^(src|config|migrations|test|bench)/', pathNot: '^src/common/' },
    },
    {
      name: 'config-imports-nothing-of-src',
      severity: 'error',
      from: { path: '^config/' },
      to: { path: '^(src|migrations|test|bench)/' },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'A migration must do the same for ever, whatever the code becomes.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^(src|config|migrations|test|bench)/' },
    },
    {
      name: 'dto-only-in-controllers',
      comment:
        'Services take and return domain types. A module only provides validators from there.',
      severity: 'error',
      from: { path: '^src/', pathNot: [String.raw`\.(controller|module)\.ts$`, '/dto/', SPEC] },
      to: { path: '/dto/' },
    },
    {
      name: 'controller-calls-services',
      severity: 'error',
      from: { path: String.raw`\.controller\.ts$` },
      to: { path: [String.raw`\.(repository|entity)\.ts$`, '(^|/)node_modules/typeorm/'] },
    },
    {
      name: 'nobody-calls-controllers',
      severity: 'error',
      from: { path: '^src/', pathNot: [String.raw`\.module\.ts$`, SPEC] },
      to: { path: String.raw`\.controller\.ts$` },
    },
    {
      name: 'service-leaves-sql-to-repositories',
      severity: 'error',
      from: { path: String.raw`\.service\.ts$`, pathNot: '^src/platform/database/' },
      to: { path: '(^|/)node_modules/(typeorm|@nestjs/typeorm|pg)/' },
    },
    {
      name: 'repository-calls-no-service',
      severity: 'error',
      from: { path: String.raw`\.repository\.ts$` },
      to: { path: String.raw`^src/(?!platform/database/).*\.(service|controller)\.ts$` },
    },
    {
      name: 'entity-calls-nobody',
      severity: 'error',
      from: { path: String.raw`\.entity\.ts$` },
      to: { path: String.raw`\.(repository|service|controller|module)\.ts$` },
    },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'production-code-imports-no-test',
      severity: 'error',
      from: { path: '^(src|config|migrations)/', pathNot: SPEC },
      to: { path: ['^(test|bench)/', SPEC] },
    },
    {
      name: 'production-code-imports-no-dev-dependency',
      severity: 'error',
      from: { path: '^(src|config|migrations)/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'declared-dependencies-only',
      severity: 'error',
      from: { pathNot: SPEC },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^bench/dist/' },
    // The benchmarks are a package of their own, and drive what the product is made of.
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
