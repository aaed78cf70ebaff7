// A bar chart as SVG, readable on a white page and a dark one. Text is not escaped: only our own words come here.

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly isOurs: boolean;
}

const WIDTH = 760;
const ROW = 26;
const LABEL_WIDTH = 400;
const MAX_BAR_WIDTH = 290;
const HEAD = 40;

/** The longest bar is the largest value. */
export const barChart = (title: string, bars: readonly Bar[]): string => {
  const largest = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map((bar, nth) => row(bar, HEAD + nth * ROW, largest));
  const height = HEAD + bars.length * ROW + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13" fill="#6b7280">
<title>${title}</title>
<text x="0" y="18" font-weight="bold">${title}</text>
${rows.join('\n')}
</svg>
`;
};

const row = ({ label, value, isOurs }: Bar, y: number, largest: number): string => {
  const width = Math.max(1, Math.round((value / largest) * MAX_BAR_WIDTH));
  const color = isOurs ? '#2563eb' : '#9ca3af';
  return [
    `<text x="0" y="${y + 15}">${label}</text>`,
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${width}" height="20" fill="${color}"/>`,
    `<text x="${LABEL_WIDTH + width + 8}" y="${y + 15}">${value}</text>`,
  ].join('\n');
};
