// Who may import whom. `npm run check` fails on any other import; test/tooling proves that the rules bite.

/** Files that run in Lambda. */
const DEPLOYED = '^(functions|lib)/';
const VALUE = { dependencyTypesNot: ['type-only'] };

/** `dependency` is imported by the one file that knows how it behaves, and by nothing else that is deployed. */
const oneImporter = (dependency, importer, reason) => ({
  name: `one-importer-of-${dependency.replace(/\W+/g, '-')}`,
  comment: reason,
  severity: 'error',
  from: { path: DEPLOYED, pathNot: importer },
  to: { path: `(^|/)node_modules/${dependency}(/|$)`, ...VALUE },
});

module.exports = {
  forbidden: [
    {
      name: 'functions-are-the-top',
      comment: 'A function is wiring: nothing imports it, another function least of all.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^functions/' },
    },
    {
      name: 'deployed-code-stands-alone',
      comment: 'What runs in Lambda knows nothing of the local stack, the tools or the tests.',
      severity: 'error',
      from: { path: DEPLOYED },
      to: { path: '^(infra|test|examples)/' },
    },
    {
      name: 'mapping-is-pure',
      comment: 'No I/O, clock, random or logger: the mapping takes types, and what is itself pure.',
      severity: 'error',
      from: { path: '^lib/mapping/' },
      to: { pathNot: ['^lib/mapping/', '^lib/segment/(event|limits)\\.ts$', '^crypto$'], ...VALUE },
    },
    {
      name: 'sandbox-is-independent',
      comment: 'The sandbox checks the product. It shares documented facts with it, never a decision.',
      severity: 'error',
      from: { path: '^infra/local/sandbox/' },
      to: {
        path: '^lib/',
        pathNot: ['^lib/customerio/(limits|operation)\\.ts$', '^lib/segment/event\\.ts$'],
      },
    },
    oneImporter(
      'got',
      '^lib/delivery/http-client\\.ts$',
      'Timeouts, retries and redirects are decided once.',
    ),
    oneImporter('bottleneck', '^lib/delivery/limiter\\.ts$', 'Its traps are handled in one place.'),
    oneImporter('@aws-sdk/client-(sqs|ssm)', '^lib/queue/', 'Only the queue speaks AWS.'),
    oneImporter(
      '@aws-lambda-powertools/parameters',
      '^lib/config\\.ts$',
      'Only the settings read parameters.',
    ),
    oneImporter(
      '@aws-lambda-powertools/(logger|metrics)',
      '^lib/observability\\.ts$',
      'What may be logged is decided once.',
    ),
    {
      name: 'deployed-code-uses-dependencies',
      comment: 'What is bundled stands in `dependencies`, where `npm audit --omit=dev` and readers look.',
      severity: 'error',
      from: { path: DEPLOYED },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], ...VALUE },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or three.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-import-resolves',
      comment: 'The rules can only judge what they can find. `aws-lambda` is types alone.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^aws-lambda$' },
    },
  ],
  options: {
    // TypeScript 7 has no JavaScript API that dependency-cruiser knows; swc sees type imports as well.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
    },
  },
};
