// One plot of the last minutes, by uPlot: it draws thousands of points on one canvas and has no dependencies, which is
// what plots that change every second need. Its colours are those of the theme, asked of the style sheet.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Time } from './time';
import './valid-language';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useMedia } from './use-media';

export interface Line {
  readonly label: string;
  /** The name of a colour in the style sheet. */
  readonly color: string;
  /** Null where nothing is known. */
  readonly values: readonly (number | null)[];
  readonly isDashed?: boolean;
}

export interface PlotProps {
  readonly title: string;
  /** Unix seconds. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
}

const HEIGHT = 150;
const FONT = '12px system-ui, sans-serif';

export const Plot = ({ title, times, lines }: PlotProps) => {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const isDark = useMedia('(prefers-color-scheme: dark)');
  /** The place that the pointer is at; null: none, and the last values are told. */
  const [place, setPlace] = useState<number | null>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new uPlot(optionsOf(element, lines, setPlace), dataOf(times, lines), element);
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
        {place !== null && <Time at={(times[place] ?? 0) * 1_000} />}
        {lines.map(({ label, color, values }) => (
          <span key={label} class={`legend color-${color}`}>
            {label} <b>{shown(place === null ? lastKnown(values) : (values[place] ?? null))}</b>
          </span>
        ))}
      </figcaption>
      <div ref={box} />
    </figure>
  );
};

const lastKnown = (values: Line['values']): number | null =>
  values.findLast((value) => value !== null) ?? null;

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

const shown = (value: number | null): string => (value === null ? '–' : NUMBER.format(value));

const dataOf = (times: readonly number[], lines: readonly Line[]): uPlot.AlignedData => [
  [...times],
  ...lines.map(({ values }) => [...values]),
];

const optionsOf = (
  element: HTMLElement,
  lines: readonly Line[],
  onPlace: (place: number | null) => void,
): uPlot.Options => {
  const axis = { stroke: colorOf(element, 'quiet'), font: FONT };
  const grid = { stroke: colorOf(element, 'line'), width: 1 };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'pipeline' } },
    hooks: { setCursor: [({ cursor }) => onPlace(cursor.idx ?? null)] },
    scales: { y: { range: (_, __, max) => [0, Math.max(max * 1.1, 1)] } },
    axes: [
      { ...axis, grid: { show: false }, ticks: { show: false }, values: timesOf, size: 26, space: 72 },
      { ...axis, grid, ticks: { show: false }, size: 54, incrs: INCREMENTS },
    ],
    series: [
      {},
      ...lines.map(({ label, color, isDashed }) => ({
        label,
        stroke: colorOf(element, color),
        width: 1.5,
        spanGaps: true,
        points: { show: false },
        ...(isDashed === true && { dash: [4, 4] }),
      })),
    ],
  };
};

const INCREMENTS = [0.01, 0.1, 1, 10, 100, 1_000, 10_000, 100_000].flatMap((power) =>
  [1, 2, 5].map((digit) => digit * power),
);

const HOURS = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const SECONDS = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const DAYS = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });

/** As fine as what lies between two of them. */
const timesOf = (_: uPlot, splits: number[]): string[] => {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  const format = step >= 86_400 ? DAYS : step >= 60 ? HOURS : SECONDS;
  return splits.map((seconds) => format.format(seconds * 1_000));
};

/** The color of that name, as the browser resolves it for the theme of now. */
const colorOf = (element: HTMLElement, name: string): string => {
  const probe = document.createElement('i');
  probe.className = `color-${name}`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};
