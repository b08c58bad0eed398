// A time chart: mouse and keyboard cursor, zoom, and the same data as a table.
import { useRef, useState } from 'preact/hooks';
import { moment } from '../format/time';
import { tz } from '../state/route';
import { DataTable } from './data-table';
import type { Marks } from './marks';
import type { Band, Series, Threshold } from './plot';
import type { Row } from './tooltip';
import { usePlot, type PlotControl } from './use-plot';

export interface ChartProps {
  label: string; // says in words what the chart shows
  x: number[]; // Unix seconds
  series: Series[];
  hidden?: ReadonlySet<string>; // names of series that are switched off
  thresholds?: Threshold[];
  from: number; // Unix seconds
  to: number;
  yTop: number; // least top of the y axis
  air?: number; // as in PlotLook, like these
  bands?: Band[];
  marks?: Marks;
  rows?: (index: number) => Row[]; // of a point, for the tooltip and the voice
  rest?: number; // index the keyboard's cursor starts from; the newest
  bridge: number; // seconds: a shorter stretch without data does not break the line
  format: (value: number | null) => string;
  axisFormat?: (value: number) => string; // format, unless given
  axisSteps?: number[]; // distances between the lines of the y axis
  height: number; // least, px
  fill?: boolean; // grow with the card
  dim?: boolean; // what is shown is being replaced
  table: boolean;
  setTable: (on: boolean) => void;
}

const ANNOUNCE_MS = 300;
const PAGE_STEPS = 12;
const TO_THE_END = 1e6;

function actions(
  plot: PlotControl,
  move: (step: number) => void,
  toggleTable: () => void,
): Record<string, () => void> {
  return {
    ArrowLeft: () => move(-1),
    ArrowRight: () => move(1),
    PageUp: () => move(-PAGE_STEPS),
    PageDown: () => move(PAGE_STEPS),
    Home: () => move(-TO_THE_END),
    End: () => move(TO_THE_END),
    '+': () => plot.magnify(0.5),
    '=': () => plot.magnify(0.5),
    '-': () => plot.magnify(2),
    '0': plot.reset,
    t: toggleTable,
  };
}

export function Chart(props: ChartProps) {
  const { label, x, series, hidden, format, height, fill, dim, table, setTable } = props;
  const box = useRef<HTMLDivElement>(null);
  const [spoken, setSpoken] = useState('');
  const speaking = useRef(0);
  const plot = usePlot(props, box);

  const announce = (index: number) => {
    clearTimeout(speaking.current);
    speaking.current = window.setTimeout(() => {
      const shown = series.filter((s) => !hidden?.has(s.name));
      const rows = props.rows?.(index) ?? shown.map((s) => ({ name: s.name, value: format(s.values[index] ?? null) }));
      const values = rows.map((row) => `${row.name} ${row.value}`);
      setSpoken(`${moment((x[index] ?? 0) * 1000, tz.value)}: ${values.join(', ')}`);
    }, ANNOUNCE_MS);
  };
  const move = (step: number) => {
    const index = plot.moveCursor(step);
    if (index !== null) announce(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = actions(plot, move, () => setTable(!table))[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

  return (
    <>
      <figure
        class={`chart${fill ? ' fill' : ''}${dim ? ' dim' : ''}`}
        aria-label={`${label}. Arrow keys move the cursor, T shows a table.`}
        tabIndex={0}
        style={{ minHeight: height + 'px' }}
        onKeyDown={onKeyDown}
      >
        <div class="plot" ref={box} />
        <div class="sr" role="status">
          {spoken}
        </div>
      </figure>
      {table && <DataTable label={label} x={x} series={series} format={format} />}
    </>
  );
}
