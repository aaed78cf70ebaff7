import { readFile } from 'node:fs/promises';
import { arrowsBackUp, draw, PAGE, pageWith, readStructure } from '../../infra/structure/draw-structure';

it('No arrow leads back up, and docs/architecture.md draws the structure as it is', async () => {
  const structure = await readStructure();
  const page = await readFile(PAGE, 'utf8');

  expect(arrowsBackUp(structure)).toEqual([]);
  expect(page).toBe(pageWith(page, draw(structure)));
});

it('An arrow to the same floor or a higher one is found', () => {
  const floors = [['ground', 'cellar'], ['roof']];

  expect(arrowsBackUp({ floors, arrows: [['roof', 'ground']] })).toEqual([]);
  expect(
    arrowsBackUp({
      floors,
      arrows: [
        ['ground', 'roof'],
        ['ground', 'cellar'],
      ],
    }),
  ).toEqual(['ground -> roof', 'ground -> cellar']);
});
