// Every test runs in UTC, also when Jest is started by an editor or by hand.

it('The tests run in UTC', () => {
  expect(process.env['TZ']).toBe('UTC');
  expect(new Date(2023, 5, 5).toISOString()).toBe('2023-06-05T00:00:00.000Z');
});
