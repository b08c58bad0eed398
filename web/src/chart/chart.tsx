// A time chart: mouse and keyboard cursor, zoom, and the same data as a table.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { moment } from '../format/time';
import { theme } from '../state/prefs';
import { tz } from '../state/route';
import { DataTable } from './data-table';
import { plotOptions, type Series, type Threshold } from './plot';

interface Props {
  label: string; // says in words what the chart shows
  x: number[]; // Unix seconds
  series: Series[];
  hidden?: ReadonlySet<string>; // names of series that are switched off
  thresholds?: Threshold[];
  from: number; // Unix seconds
  to: number;
  yTop: number;
  format: (value: number | null) => string;
  axisFormat?: (value: number) => string; // format, unless given
  axisSteps?: number[];
  height: number;
  fill?: boolean; // grow with the card
  dim?: boolean;
  table: boolean;
  setTable: (on: boolean) => void;
}

type View = [from: number, to: number];
const ANNOUNCE_MS = 300;
const PAGE_STEPS = 12;
const NO_THRESHOLDS: Threshold[] = [];

export function Chart(props: Props): JSX.Element {
  const { label, x, series, hidden, thresholds = NO_THRESHOLDS, from, to, height, fill, table } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const zoom = useRef<View | null>(null);
  const [spoken, setSpoken] = useState('');
  const speak = useRef(0);
  const zone = tz.value;
  const look = [theme.value, zone, props.yTop, ...series.map((s) => s.name + s.line), ...thresholds.map((t) => t.name + t.value)].join('|');
  const data = [x, ...series.map((s) => s.values)] as uPlot.AlignedData;
  const current = useRef({ data, from, to, props });
  current.current = { data, from, to, props };

  const show = () => {
    const u = plot.current;
    const view = zoom.current ?? [current.current.from, current.current.to];
    u?.setScale('x', { min: view[0], max: view[1] });
  };
  const zoomTo = (view: View | null) => {
    zoom.current = view;
    show();
  };

  useEffect(() => {
    const host = box.current as HTMLDivElement;
    const size = () => Math.max(height, fill ? host.clientHeight : 0);
    const u = new uPlot(plotOptions({
      zone, series, thresholds, yTop: props.yTop,
      format: (value) => current.current.props.format(value),
      axisFormat: (value) => (current.current.props.axisFormat ?? current.current.props.format)(value),
      axisSteps: props.axisSteps,
      onZoom: (a, b) => zoomTo([a, b]),
      onReset: () => zoomTo(null),
    }, Math.max(80, host.clientWidth), size()), current.current.data, host);
    plot.current = u;
    show();
    const observer = new ResizeObserver(() => {
      if (host.clientWidth && (host.clientWidth !== u.width || size() !== u.height))
        u.setSize({ width: host.clientWidth, height: size() });
    });
    observer.observe(host);
    return () => {
      observer.disconnect();
      u.destroy();
      plot.current = null;
    };
  }, [look]);

  useEffect(() => {
    const u = plot.current;
    if (!u)
      return;
    u.batch(() => {
      u.setData(data, false);
      series.forEach((s, i) => {
        const on = !hidden?.has(s.name);
        if (u.series[i + 1]?.show !== on)
          u.setSeries(i + 1, { show: on });
      });
      show();
    });
    u.redraw();
  }, [x, series, hidden, from, to]);

  const announce = (index: number) => {
    clearTimeout(speak.current);
    speak.current = window.setTimeout(() => {
      const values = series.filter((s) => !hidden?.has(s.name)).map((s) => `${s.name} ${props.format(s.values[index] ?? null)}`);
      setSpoken(`${moment((x[index] ?? 0) * 1000, zone)}: ${values.join(', ')}`);
    }, ANNOUNCE_MS);
  };

  const moveCursor = (step: number) => {
    const u = plot.current;
    if (!u || !x.length)
      return;
    const index = Math.min(x.length - 1, Math.max(0, (u.cursor.idx ?? x.length - 1) + step));
    u.setCursor({ left: u.valToPos(x[index] as number, 'x'), top: 40 });
    announce(index);
  };

  const magnify = (factor: number) => {
    const [a, b] = zoom.current ?? [from, to];
    const u = plot.current;
    const middle = u?.cursor.idx != null ? (x[u.cursor.idx] as number) : (a + b) / 2;
    const half = Math.min((to - from) / 2, ((b - a) * factor) / 2);
    const left = Math.max(from, Math.min(middle - half, to - 2 * half));
    zoomTo(half * 2 >= to - from ? null : [left, left + 2 * half]);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey)
      return;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => moveCursor(-1), ArrowRight: () => moveCursor(1),
      PageUp: () => moveCursor(-PAGE_STEPS), PageDown: () => moveCursor(PAGE_STEPS),
      Home: () => moveCursor(-x.length), End: () => moveCursor(x.length),
      '+': () => magnify(0.5), '=': () => magnify(0.5), '-': () => magnify(2), '0': () => zoomTo(null),
      t: () => props.setTable(!table),
    };
    const act = keys[event.key];
    if (!act)
      return;
    event.preventDefault();
    act();
  };

  return (
    <>
      <figure class={`chart${fill ? ' fill' : ''}${props.dim ? ' dim' : ''}`} aria-label={`${label}. Arrow keys move the cursor, T shows a table.`}
        tabIndex={0} style={{ minHeight: height + 'px' }} onKeyDown={onKeyDown}>
        <div class="plot" ref={box} />
        <div class="sr" role="status">{spoken}</div>
      </figure>
      {table && <DataTable label={label} x={x} series={series} format={props.format} />}
    </>
  );
}
