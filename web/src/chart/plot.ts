// uPlot, set up in the page's look: axes, threshold lines, time in the reader's zone.
import uPlot from 'uplot';
import type { Zone } from '../state/route';
import { clock, clockSeconds, day, ianaName } from '../format/time';
import { drawOver, drawUnder, type Marks } from './marks';
import { tooltip, type Row } from './tooltip';

export interface Series {
  name: string;
  line: string; // custom property with its colour
  values: (number | null)[];
  dash?: number[];
  width?: number; // 0: only the edge of a band
  steps?: boolean; // holds until the next value
  aside?: boolean; // does not stretch the y axis
}

/** The space between two series. */
export interface Band {
  upper: string; // names of series
  lower: string;
  line: string; // custom property with its colour
}

export interface Threshold {
  value: number;
  line: string;
  name: string;
}

export interface PlotLook {
  zone: Zone;
  series: Series[];
  thresholds: Threshold[];
  format: (value: number | null) => string;
  axisFormat: (value: number) => string;
  axisSteps?: number[]; // distances between its lines, smallest first
  yTop: number; // least top of the y axis
  air?: number; // how far the axis goes above the largest value; 1.04
  bands?: Band[];
  marks?: () => Marks;
  rows?: (index: number) => Row[]; // of the tooltip; else a row for each series
  bridge: number; // seconds: a shorter stretch without data does not break the line
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  scale?: number; // 2 draws everything twice as large: for a picture
}

export const FAMILY = '"Inter Variable",system-ui,sans-serif';
const DAY_SECONDS = 86_400;
const LINES = 5.5; // of the y axis, at most

export function cssColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function timeLabels(zone: Zone) {
  return (_: uPlot, splits: number[], _axis: number, _space: number, step: number) =>
    splits.map((t) => {
      const ms = t * 1000;
      if (step < 60) return clockSeconds(ms, zone);
      return step >= DAY_SECONDS || clock(ms, zone) === '00:00' ? day(ms, zone) : clock(ms, zone);
    });
}

/** As wide as the widest label: about 6 px a character. */
function widest(labels: string[] | null): number {
  return Math.max(44, ...(labels ?? []).map((label) => label.length * 6.1 + 12));
}

/** The usual time between two known values, seconds; a pushed series may be slower than the steps. */
function pace(x: ArrayLike<number>, values: ArrayLike<number | null | undefined>): number {
  const between: number[] = [];
  let last = NaN;
  for (let i = 0; i < x.length; i++) {
    if (values[i] == null) continue;
    if (last === last) between.push(x[i]! - last);
    last = x[i]!;
  }
  return between.sort((a, b) => a - b)[between.length >> 1] ?? 0;
}

/** Samples come at their own pace: a step that just missed one is no gap. */
function realGaps(bridge: number): uPlot.Series.GapsRefiner {
  return (u, series, _from, _to, gaps) => {
    if (!gaps.length) return gaps;
    const longest = Math.max(bridge, 2.5 * pace(u.data[0], u.data[series]!));
    return gaps.filter(([left, right]) => u.posToVal(right, 'x', true) - u.posToVal(left, 'x', true) > longest);
  };
}

function axes(look: PlotLook): uPlot.Axis[] {
  const k = look.scale ?? 1;
  const font = `${11 * k}px ${FAMILY}`;
  const common = { stroke: cssColor('--muted'), font, ticks: { show: false }, gap: 6 * k };
  return [
    { ...common, grid: { show: false }, size: 26 * k, space: 72 * k, values: timeLabels(look.zone) },
    {
      ...common,
      grid: { stroke: cssColor('--grid'), width: k },
      size: (_, labels) => k * widest(labels),
      space: (_, _axis, _min, _max, px) => px / LINES,
      ...(look.axisSteps && { incrs: look.axisSteps }),
      values: (_, splits) => splits.map(look.axisFormat),
    },
  ];
}

function drawThreshold(u: uPlot, threshold: Threshold, scale: number): void {
  const {
    ctx,
    bbox: { left, top, width },
  } = u;
  const ratio = devicePixelRatio * scale;
  const y = Math.round(u.valToPos(threshold.value, 'y', true)) + 0.5;
  if (y < top) return;
  ctx.save();
  ctx.strokeStyle = cssColor(threshold.line + '-fill');
  ctx.lineWidth = 1.2 * ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(left + width, y);
  ctx.stroke();
  ctx.font = `600 ${10.5 * ratio}px "Inter Variable",sans-serif`;
  ctx.fillStyle = cssColor(threshold.line);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.setLineDash([]);
  ctx.strokeStyle = cssColor('--surface'); // keeps the words readable over the lines
  ctx.lineWidth = 3 * ratio;
  ctx.strokeText(threshold.name, left + 6 * ratio, y - 3 * ratio);
  ctx.fillText(threshold.name, left + 6 * ratio, y - 3 * ratio);
  ctx.restore();
}

function selected(u: uPlot, look: PlotLook): void {
  const { left, width } = u.select;
  if (width < 4) return;
  look.onZoom(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}

/** What stands between two series, as uPlot counts them. */
function bandsOf({ bands = [], series }: PlotLook): uPlot.Band[] {
  const at = (name: string) => series.findIndex((s) => s.name === name) + 1;
  return bands.map(({ upper, lower, line }) => ({ series: [at(upper), at(lower)], fill: cssColor(line) }));
}

export function plotOptions(look: PlotLook, width: number, height: number): uPlot.Options {
  const k = look.scale ?? 1;
  return {
    width: width * k,
    height: height * k,
    padding: [10 * k, 26 * k, 0, 0],
    legend: { show: false },
    tzDate: (t) => {
      const zone = ianaName(look.zone);
      return zone ? uPlot.tzDate(new Date(t * 1000), zone.replace(/^UTC$/, 'Etc/UTC')) : new Date(t * 1000);
    },
    scales: {
      x: { time: true, auto: false },
      y: { range: (_, _min, max) => [0, Math.max(look.yTop, (max ?? 0) * (look.air ?? 1.04)) || 1] },
    },
    axes: axes(look),
    series: [
      {},
      ...look.series.map((s): uPlot.Series => ({
        label: s.name,
        stroke: s.width === 0 ? 'transparent' : cssColor(s.line),
        width: k * (s.width ?? 1.6),
        auto: !s.aside,
        paths: s.steps ? uPlot.paths.stepped!({ align: 1 }) : undefined,
        dash: s.dash?.map((length) => k * length),
        points: { show: false },
        gaps: realGaps(look.bridge),
      })),
    ],
    bands: bandsOf(look),
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false },
      sync: { key: 'time', scales: ['x', null] },
      bind: {
        dblclick: () => () => {
          look.onReset();
          return null;
        },
      },
    },
    hooks: {
      drawAxes: [(u) => look.marks && drawUnder(u, look.marks(), k)],
      draw: [
        (u) => look.thresholds.forEach((threshold) => drawThreshold(u, threshold, k)),
        (u) => look.marks && drawOver(u, look.marks(), k),
      ],
      setSelect: [(u) => selected(u, look)],
    },
    plugins: [tooltip(look)],
  };
}
