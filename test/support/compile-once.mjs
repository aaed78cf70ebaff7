// Loaded into every worker of Jest: a module is compiled once, and not again for each of three hundred suites. Jest gives
// every suite modules of its own, which V8 compiles anew, and that is a fifth of what a short suite takes.

import vm from 'node:vm';

const { compileFunction } = vm;
const compiled = new Map();

vm.compileFunction = (code, parameters, options) => {
  const kept = compiled.get(options.filename);
  if (kept?.code === code) return compileFunction(code, parameters, { ...options, cachedData: kept.data });
  const made = compileFunction(code, parameters, { ...options, produceCachedData: true });
  compiled.set(options.filename, { code, data: made.cachedData });
  return made;
};
