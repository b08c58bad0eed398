// The uPlot of a chart: made anew when its look changes, fed when its data do.
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { ianaName } from '../format/time';
import { theme } from '../state/prefs';
import { tz } from '../state/route';
import type { ChartProps } from './chart';
import type { Marks } from './marks';
import { plotOptions, type Threshold } from './plot';

type View = [from: number, to: number];

export interface PlotControl {
  /** Moves the cursor by so many points; the index it is at, or null without data. */
  moveCursor(step: number): number | null;
  /** Zooms by a factor round the cursor; a factor above 1 shows more. */
  magnify(factor: number): void;
  reset(): void;
}

const NO_THRESHOLDS: Threshold[] = [];
const NARROWEST_PX = 80;

/** What makes a new plot necessary, as one comparable string. */
function lookOf({ yTop, bridge, series, thresholds = NO_THRESHOLDS }: ChartProps): string {
  const lines = series.map((s) => s.name + s.line + s.aside);
  const levels = thresholds.map((t) => t.name + t.value);
  return [theme.value, ianaName(tz.value), yTop, bridge, ...lines, ...levels].join('|');
}

const dataOf = ({ x, series }: ChartProps) => [x, ...series.map((s) => s.values)] as uPlot.AlignedData;

export function usePlot(props: ChartProps, box: RefObject<HTMLDivElement | null>): PlotControl {
  const plot = useRef<uPlot | null>(null);
  const zoom = useRef<View | null>(null);
  const latest = useRef(props);
  latest.current = props;

  const show = (view: View | null) => {
    zoom.current = view;
    const [min, max] = view ?? [latest.current.from, latest.current.to];
    plot.current?.setScale('x', { min, max });
  };

  useEffect(() => {
    const host = box.current as HTMLDivElement;
    const { series, thresholds = NO_THRESHOLDS, yTop, bridge, axisSteps, height, fill, bands, air } = props;
    const size = () => Math.max(height, fill ? host.clientHeight : 0);
    const format = (value: number | null) => latest.current.format(value);
    const axisFormat = (value: number) => (latest.current.axisFormat ?? latest.current.format)(value);
    const zoomed = { onZoom: (a: number, b: number) => show([a, b]), onReset: () => show(null) };
    const look = {
      zone: tz.value,
      series,
      thresholds,
      yTop,
      bridge,
      air,
      bands,
      marks: props.marks && (() => latest.current.marks as Marks),
      rows: props.rows && ((index: number) => latest.current.rows!(index)),
      axisSteps,
      format,
      axisFormat,
      ...zoomed,
    };
    const width = Math.max(NARROWEST_PX, host.clientWidth);
    const u = new uPlot(plotOptions(look, width, size()), dataOf(latest.current), host);
    plot.current = u;
    show(zoom.current);
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
  }, [lookOf(props)]);

  const { x, series, hidden, from, to, marks } = props;
  useEffect(() => {
    const u = plot.current;
    if (!u) return;
    u.batch(() => {
      u.setData(dataOf(latest.current), false);
      series.forEach((s, i) => {
        const on = !hidden?.has(s.name);
        if (u.series[i + 1]?.show !== on) u.setSeries(i + 1, { show: on });
      });
      show(zoom.current);
    });
    u.redraw(); // the view may be the old one, and the data new
  }, [x, series, hidden, from, to, marks]);

  return {
    moveCursor(step) {
      const u = plot.current;
      if (!u || !x.length) return null;
      const index = Math.min(x.length - 1, Math.max(0, (u.cursor.idx ?? props.rest ?? x.length - 1) + step));
      u.setCursor({ left: u.valToPos(x[index] as number, 'x'), top: 40 });
      return index;
    },
    magnify(factor) {
      const [a, b] = zoom.current ?? [from, to];
      const idx = plot.current?.cursor.idx;
      const middle = idx == null ? (a + b) / 2 : (x[idx] as number);
      const half = ((b - a) * factor) / 2;
      const left = Math.max(from, Math.min(middle - half, to - 2 * half));
      show(2 * half >= to - from ? null : [left, left + 2 * half]);
    },
    reset: () => show(null),
  };
}
