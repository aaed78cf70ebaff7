// What esbuild cannot leave out of packages by itself: what they load, or do while they are loaded, and no function uses.
// Every cold start would wait for it. test/infra/bundles.test.ts runs the packages without it.

const { readFile } = require('node:fs/promises');

const rewriting = (name, filter, rewrite) => ({
  name,
  setup: ({ onLoad }) =>
    onLoad({ filter }, async ({ path }) => ({
      contents: rewrite(await readFile(path, 'utf8')),
      loader: 'default',
    })),
});

/** `n0_registry.registerError(ParameterNotFound$, ParameterNotFound);` */
const REGISTRATION = /^n0_registry\.registerError\(.*\);$/gm;
/** `export var ParameterNotFound$ = [-3, n0, _PNF, { [_e]: _c }, [_M], [0]];`, over several lines. */
const DESCRIPTION = /^((?:export )?var \w+\$?) = (\[[^;]*\]);$/gm;

/**
 * AWS's clients register a class for every error of their service, and describe each in an array that esbuild takes for work
 * that must be done: of the parameter store's client, nine tenths. Errors are told apart by their names here, which they keep.
 */
const schemas = rewriting(
  'schemas-of-clients',
  /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/,
  (code) => code.replace(REGISTRATION, '').replace(DESCRIPTION, '$1 = /* @__PURE__ */ (() => $2)();'),
);

/** A client says its version to AWS, and has all of its package.json for it. */
const versions = rewriting(
  'versions-of-clients',
  /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/,
  (json) => JSON.stringify({ version: JSON.parse(json).version }),
);

/** AWS's clients look into `~/.aws` for each setting that the environment does not have; a Lambda function has none. */
const profiles = rewriting(
  'profiles-of-clients',
  /[\\/]@smithy[\\/]core[\\/].*[\\/]shared-ini-file-loader[\\/]readFile\.js$/,
  () => `export const filePromises = {}, fileIntercept = {};
export const readFile = async () => { throw Object.assign(new Error('There are no profiles here.'), { code: 'ENOENT' }); };`,
);

/** The checks that got makes of its options word their errors by Intl, which takes as long to load as got itself. */
const formatters = rewriting(
  'formatters-of-checks',
  /[\\/]@sindresorhus[\\/]is[\\/]distribution[\\/]index\.js$/,
  (code) =>
    code.replace(
      /new Intl\.ListFormat\((.*)\);/g,
      '{ format: (words) => new Intl.ListFormat($1).format(words) };',
    ),
);

/** One of its helpers, by a way on which esbuild loses sight of it and keeps them all. */
const helpers = rewriting('helpers-of-zod', /[\\/]zod[\\/]v4[\\/]mini[\\/]schemas\.js$/, (code) =>
  code.replaceAll('core.util.', 'util.'),
);

const LEFT_OUT = "throw new Error('This is left out of the bundle.');";

/** Of got, by what its modules import: here it keeps no answers and no addresses, speaks HTTP/1.1, and is read as a stream. */
const UNUSED = {
  'cacheable-request': `export default class { constructor() { ${LEFT_OUT} } } export class CacheError extends Error {}`,
  './as-promise/index.js': `export default () => { ${LEFT_OUT} };`,
  './utils/dns-cache.js': `export default class { constructor() { ${LEFT_OUT} } }`,
  './utils/http2-client.js': `export default { auto() { ${LEFT_OUT} } };`,
  'node:http2': 'export class Http2ServerResponse {} export const constants = {};',
};

const IMPORTS_UNUSED =
  /^(cacheable-request|\.\/as-promise\/index\.js|\.\/utils\/(dns-cache|http2-client)\.js|node:http2)$/;
const GOT = /[\\/]node_modules[\\/]got[\\/]/;

const unused = {
  name: 'unused-of-got',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: IMPORTS_UNUSED }, ({ path, importer }) =>
      GOT.test(importer) ? { path, namespace: 'unused' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'unused' }, ({ path }) => ({ contents: UNUSED[path] }));
  },
};

module.exports = [schemas, versions, profiles, formatters, helpers, unused];
