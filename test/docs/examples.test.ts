import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const page = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
const functions = readdirSync(join(ROOT, 'functions')).map((file) => file.replace('.ts', ''));

const has = (name: string, text: string): boolean =>
  readFileSync(join(ROOT, 'functions', `${name}.ts`), 'utf8').includes(text);

/** Where `DRY_RUN` is asked for: a function that has none never gets there. */
const DRY_RUN_IN = 'handleMessages(';

it('says which functions have a dry run, and which have none', () => {
  const [, withOne = ''] = /the functions that deliver,\s+([^:]*), send nothing/.exec(page) ?? [];
  const [, without = ''] = /^(.*) have no dry run/m.exec(page) ?? [];
  const named = (text: string) => functions.filter((name) => text.includes(`\`${name}\``));

  expect(named(withOne)).toEqual(functions.filter((name) => has(name, DRY_RUN_IN)));
  expect(named(without)).toEqual(functions.filter((name) => !has(name, DRY_RUN_IN)));
});

it('lists every example there is', () => {
  const files = ['', 'lambda'].flatMap((folder) =>
    readdirSync(join(ROOT, 'examples', folder))
      .filter((file) => file.endsWith('.json'))
      .map((file) => join(folder, file)),
  );

  expect(files.filter((file) => !page.includes(`](${file})`))).toEqual([]);
});
