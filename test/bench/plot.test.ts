import { barChart } from './plot';

describe('a chart of the benches', () => {
  it('draws the largest value longest, writes each value beside its bar, and marks our own', () => {
    const svg = barChart('Share', [
      { label: 'ours', value: 0.4, isOurs: true },
      { label: 'theirs', value: 0.2, isOurs: false },
    ]);
    const bars = [...svg.matchAll(/width="(\d+)" height="20" fill="(#\w+)"/g)].map(([, width, fill]) => [
      Number(width),
      fill,
    ]);
    expect(bars).toEqual([
      [290, '#2563eb'],
      [145, '#9ca3af'],
    ]);
    expect([...svg.matchAll(/>([^<\n]+)<\/text>/g)].map(([, text]) => text)).toEqual([
      'Share',
      'ours',
      '0.4',
      'theirs',
      '0.2',
    ]);
  });
});
