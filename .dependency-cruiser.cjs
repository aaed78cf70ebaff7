// Who may import whom. `npm run check` fails on any other import; test/tooling proves that the rules bite.

/**
 * The floors of `lib`, from the ground up. A room takes from the floors below it, never from its own or above:
 * facts at the ground, the ways in beside each other, the ways out on top.
 */
const FLOORS = require('./infra/structure/floors.json');

/** A room is a folder, or a file of its own. */
const inRoom = (rooms) => `^lib/(${rooms.join('|')})(/|\\.ts$)`;

const floorRules = FLOORS.flatMap((floor, level) =>
  floor.map((room) => ({
    name: `floor-of-${room}`,
    comment: 'A room takes from the floors below it alone.',
    severity: 'error',
    from: { path: inRoom([room]) },
    to: {
      path: inRoom(
        FLOORS.slice(level)
          .flat()
          .filter((other) => other !== room),
      ),
    },
  })),
);

/** Files that run in Lambda. */
const DEPLOYED = '^(functions|lib)/';
const VALUE = { dependencyTypesNot: ['type-only'] };

/** `packages`, a pattern, are imported by the one place that knows how they behave, and by nothing else deployed. */
const oneImporter = ({ of: name, packages, importer, comment }) => ({
  name: `one-importer-of-${name}`,
  comment,
  severity: 'error',
  from: { path: DEPLOYED, pathNot: importer },
  to: { path: `(^|/)node_modules/${packages}/`, ...VALUE },
});

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'every-room-has-a-floor',
      comment: 'A new room of `lib` is put on a floor, or nobody knows what it may take.',
      severity: 'error',
      from: { path: '^(functions|lib|test|infra)/' },
      to: { path: '^lib/', pathNot: inRoom(FLOORS.flat()) },
    },
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
      to: {
        pathNot: [
          '^lib/mapping/',
          '^lib/rules/',
          '^lib/event/',
          '^lib/(customerio/(limits|operation)|json/[^/]+|text)\\.ts$',
          '^crypto$',
        ],
        ...VALUE,
      },
    },
    {
      name: 'rules-are-pure',
      comment: 'No I/O, clock, random or logger: what a rule does to an event depends on the two alone.',
      severity: 'error',
      from: { path: '^lib/rules/' },
      to: { pathNot: ['^lib/rules/', '^lib/event/', '^lib/json/', '^crypto$'], ...VALUE },
    },
    {
      name: 'sandbox-is-independent',
      comment: 'The sandbox checks the product. It shares documented facts with it, never a decision.',
      severity: 'error',
      from: { path: '^infra/local/sandbox/' },
      to: {
        path: '^lib/',
        pathNot: ['^lib/customerio/(limits|operation)\\.ts$', '^lib/json/json-object\\.ts$'],
      },
    },
    oneImporter({
      of: 'got',
      packages: 'got',
      importer: '^lib/delivery/http-client\\.ts$',
      comment: 'Timeouts, retries and redirects are decided once.',
    }),
    oneImporter({
      of: 'bottleneck',
      packages: 'bottleneck',
      importer: '^lib/delivery/(limiter|bottleneck-light\\.d)\\.ts$',
      comment: 'Its traps are dealt with in one place.',
    }),
    oneImporter({
      of: 'aws-sdk',
      packages: '@aws-sdk/client-[^/]+',
      importer: '^lib/(queue/|archive/firehose\\.ts$)',
      comment: 'Only the queue and the archive speak AWS; types may travel.',
    }),
    oneImporter({
      of: 'parameters',
      packages: '@aws-lambda-powertools/parameters',
      importer: '^lib/config/parameter-store\\.ts$',
      comment: 'Only the settings read parameters.',
    }),
    oneImporter({
      of: 'logger-and-metrics',
      packages: '@aws-lambda-powertools/(logger|metrics)',
      importer: '^lib/observability\\.ts$',
      comment: 'What may be logged is decided once.',
    }),
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
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json'],
    },
  },
};
