// The command line as one file of JavaScript, which starts in a fifth of the time and imports twice as fast as the
// TypeScript it is made of. It is made again whenever a file that went into it is another: what runs is what stands
// there. Plain JavaScript, because it runs before anything is translated.

const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const ROOT = join(__dirname, '../..');
const ENTRY = join(__dirname, 'main.ts');
/** Ignored by git, and inside the repository, so that packages are found from there. */
const STORED = join(ROOT, '.esbuild/relay/main.cjs');

/** Size and time of change of each file: when one differs, the file has changed. */
const stampsOf = (files) => files.map((file) => [file, stampOf(file)]);

const stampOf = (file) => {
  const { size, mtimeMs } = statSync(join(ROOT, file), { throwIfNoEntry: false }) ?? {};
  return `${size} ${mtimeMs}`;
};

/** The stored bundle; undefined when there is none, or a file named in its first line has changed. */
const readFresh = (stored) => {
  try {
    const code = readFileSync(stored, 'utf8');
    const stamps = JSON.parse(code.slice('//'.length, code.indexOf('\n')));
    return stamps.every(([file, stamp]) => stamp === stampOf(file)) ? code : undefined;
  } catch {
    return undefined;
  }
};

/** A bundle has one `__dirname`. This gives each file of ours the folder that it stands in. */
const ownFolders = {
  name: 'own-folders',
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/](?:infra|lib)[\\/].*\.ts$/ }, ({ path }) => ({
      contents: `const __dirname = ${JSON.stringify(dirname(path))}; ${readFileSync(path, 'utf8')}`,
      loader: 'ts',
    })),
};

const build = async (entry) => {
  const { outputFiles, metafile } = await require('esbuild').build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    write: false,
    metafile: true,
    sourcemap: 'inline',
    sourcesContent: false,
    outdir: dirname(STORED),
    plugins: [ownFolders],
    logLevel: 'silent',
  });
  return `//${JSON.stringify(stampsOf(Object.keys(metafile.inputs)))}\n${outputFiles[0].text}`;
};

/**
 * Written whole or not at all, also when two commands start at once. Where it cannot be written, each start builds
 * anew, which only takes longer.
 */
const store = (stored, code) => {
  const unfinished = `${stored}.${process.pid}`;
  try {
    mkdirSync(dirname(stored), { recursive: true });
    writeFileSync(unfinished, code);
    renameSync(unfinished, stored);
  } catch {}
};

/** Resolves to the code, and the file name to run it under. @throws Error of esbuild. */
const bundle = async (stored = STORED, entry = ENTRY) => {
  const fresh = readFresh(stored);
  if (fresh !== undefined) return { code: fresh, file: stored };
  const code = await build(entry);
  store(stored, code);
  return { code, file: stored };
};

module.exports = { bundle };
