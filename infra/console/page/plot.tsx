// One plot of the last minutes, by uPlot: it draws thousands of points on one canvas and has no dependencies, which is
// what plots that change every second need. Its colours are those of the theme, asked of the style sheet.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useMedia } from './use-media';

export interface Line {
  readonly label: string;
  /** The name of a colour in the style sheet. */
  readonly color: string;
  readonly values: readonly number[];
  readonly isDashed?: boolean;
}

export interface PlotProps {
  readonly title: string;
  /** Unix seconds. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
}

const HEIGHT = 170;
const FONT = '12px system-ui, sans-serif';

export const Plot = ({ title, times, lines }: PlotProps) => {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const isDark = useMedia('(prefers-color-scheme: dark)');
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new uPlot(optionsOf(element, lines), dataOf(times, lines), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [isDark]);
  useEffect(() => plot.current?.setData(dataOf(times, lines)), [times, lines]);
  return (
    <figure class="plot">
      <figcaption>
        {title}
        {lines.map(({ label, color, values }) => (
          <span key={label} class={`legend color-${color}`}>
            {label} <b>{values.at(-1) ?? 0}</b>
          </span>
        ))}
      </figcaption>
      <div ref={box} />
    </figure>
  );
};

const dataOf = (times: readonly number[], lines: readonly Line[]): uPlot.AlignedData => [
  [...times],
  ...lines.map(({ values }) => [...values]),
];

const optionsOf = (element: HTMLElement, lines: readonly Line[]): uPlot.Options => {
  const axis = { stroke: colorOf(element, 'quiet'), font: FONT };
  const grid = { stroke: colorOf(element, 'line'), width: 1 };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.1, 1)] } },
    axes: [
      { ...axis, grid: { show: false }, ticks: { show: false } },
      { ...axis, grid, ticks: { show: false }, size: 44, incrs: WHOLE_NUMBERS },
    ],
    series: [
      {},
      ...lines.map(({ label, color, isDashed }) => ({
        label,
        stroke: colorOf(element, color),
        width: 1.5,
        points: { show: false },
        ...(isDashed === true && { dash: [4, 4] }),
      })),
    ],
  };
};

const WHOLE_NUMBERS = [1, 2, 5]
  .flatMap((digit) => [0, 1, 2, 3, 4, 5].map((zeros) => digit * 10 ** zeros))
  .sort((one, other) => one - other);

/** The color of that name, as the browser resolves it for the theme of now. */
const colorOf = (element: HTMLElement, name: string): string => {
  const probe = document.createElement('i');
  probe.className = `color-${name}`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};
