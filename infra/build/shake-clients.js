// What esbuild cannot leave out of AWS's clients by itself. Each client registers a class for every error of its
// service, and describes each in an array that esbuild takes for work that must be done: of the parameter store's
// client, nine tenths. Here errors are told apart by their names, which they keep without a class.

const { readFile } = require('node:fs/promises');

const SCHEMAS = /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/;

/** `n0_registry.registerError(ParameterNotFound$, ParameterNotFound);` */
const REGISTRATION = /^n0_registry\.registerError\(.*\);$/gm;
/** `export var ParameterNotFound$ = [-3, n0, _PNF, { [_e]: _c }, [_M], [0]];`, over several lines. */
const DESCRIPTION = /^((?:export )?var \w+\$?) = (\[[^;]*\]);$/gm;

const shake = (code) =>
  code.replace(REGISTRATION, '').replace(DESCRIPTION, '$1 = /* @__PURE__ */ (() => $2)();');

module.exports = [
  {
    name: 'shake-clients',
    setup: ({ onLoad }) =>
      onLoad({ filter: SCHEMAS }, async ({ path }) => ({ contents: shake(await readFile(path, 'utf8')) })),
  },
];
