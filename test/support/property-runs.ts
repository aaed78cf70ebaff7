// How many inputs a property is tried on.

/** By night (`npm run fuzz`) so many as given, with `npm test` a quarter: each run has inputs of its own. */
export const runs = (byNight: number): number => (process.env['FUZZ'] ? byNight : Math.ceil(byNight / 4));
