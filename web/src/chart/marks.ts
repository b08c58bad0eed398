// What lies under and over the lines of a time chart: sessions and closed days, now, flags, a dot.
import type uPlot from 'uplot';
import { cssColor, FAMILY } from './plot';

export interface Shade {
  from: number; // Unix seconds
  to: number;
  kind: 'session' | 'closed';
  name?: string; // why it is closed
}

export interface Marks {
  now: number; // Unix seconds
  shades: Shade[];
  flags: { at: number; names: string[] }[]; // in time order; the first name is shown
  dot: { at: number; value: number } | null; // the first crossing
}

const FLAG_ROWS = 3;
const ROW_PX = 21;
const HATCH_PX = 9;

/** A brush of 45 degree lines. */
function hatch(u: uPlot, ratio: number): void {
  const { ctx, bbox } = u;
  const step = HATCH_PX * ratio;
  ctx.strokeStyle = cssColor('--hatch');
  ctx.lineWidth = ratio;
  ctx.beginPath();
  for (let x = bbox.left - bbox.height; x < bbox.left + bbox.width; x += step) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
}

export function drawUnder(u: uPlot, marks: Marks, scale: number): void {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio * scale;
  for (const { from, to, kind } of marks.shades) {
    const left = Math.max(bbox.left, u.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(to, 'x', true));
    if (right <= left) continue;
    ctx.save();
    ctx.fillStyle = cssColor(kind === 'session' ? '--session' : '--closed');
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    if (kind === 'closed') {
      ctx.beginPath();
      ctx.rect(left, bbox.top, right - left, bbox.height);
      ctx.clip();
      hatch(u, ratio);
    }
    ctx.restore();
  }
}

interface Flag {
  at: number;
  text: string;
  color: string;
  fill: string;
  edge: string;
  rule: 'solid' | 'dotted' | 'none'; // the line below it
}

const NOW = { text: 'Now', color: '--surface', fill: '--text', edge: '--text', rule: 'solid' } as const;
const EVENT = { color: '--under', fill: '--surface', edge: '--under', rule: 'dotted' } as const;
const CLOSED = { color: '--text-2', fill: '--surface', edge: '--border-2', rule: 'none' } as const;

function flagsOf({ now, flags, shades }: Marks): Flag[] {
  const events = flags.map(({ at, names }) => ({
    ...EVENT,
    at,
    text: names[0]! + (names.length > 1 ? ` +${names.length - 1}` : ''),
  }));
  const closed = shades.flatMap(({ from, to, name }) =>
    name ? [{ ...CLOSED, at: (from + to) / 2, text: name }] : [],
  );
  return [{ ...NOW, at: now }, ...[...events, ...closed].sort((a, b) => a.at - b.at)];
}

/** Flags that would cover each other go to the next row; where no row is free only the line stays. */
function drawFlags(u: uPlot, flags: Flag[], ratio: number): void {
  const { ctx, bbox } = u;
  const ends = new Array<number>(FLAG_ROWS).fill(-Infinity);
  ctx.font = `600 ${11 * ratio}px ${FAMILY}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  for (const { at, text, color, fill, edge, rule } of flags) {
    const x = Math.round(u.valToPos(at, 'x', true)) + 0.5;
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const width = ctx.measureText(text).width + 14 * ratio;
    const left = Math.max(bbox.left, Math.min(x - width / 2, bbox.left + bbox.width - width));
    const row = ends.findIndex((end) => end < left);
    const top = bbox.top + Math.max(0, row) * ROW_PX * ratio;
    ctx.strokeStyle = cssColor(edge);
    ctx.lineWidth = ratio;
    ctx.setLineDash(rule === 'solid' ? [] : [2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bbox.top + bbox.height);
    if (rule !== 'none') ctx.stroke();
    if (row < 0) continue;
    ends[row] = left + width + 4 * ratio;
    ctx.setLineDash([]);
    ctx.fillStyle = cssColor(fill);
    ctx.beginPath();
    ctx.roundRect(left, top, width, 17 * ratio, 4 * ratio);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = cssColor(color);
    ctx.fillText(text, left + 7 * ratio, top + 9 * ratio);
  }
}

function drawDot(u: uPlot, dot: { at: number; value: number }, ratio: number): void {
  const { ctx, bbox } = u;
  const x = u.valToPos(dot.at, 'x', true);
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  const ring = (radius: number, color: string) => {
    ctx.fillStyle = color;
    ctx.beginPath();
    ctx.arc(x, u.valToPos(dot.value, 'y', true), radius * ratio, 0, 2 * Math.PI);
    ctx.fill();
  };
  ring(5.5, cssColor('--surface'));
  ring(4, cssColor('--crit-fill'));
}

export function drawOver(u: uPlot, marks: Marks, scale: number): void {
  const ratio = devicePixelRatio * scale;
  u.ctx.save();
  drawFlags(u, flagsOf(marks), ratio);
  if (marks.dot) drawDot(u, marks.dot, ratio);
  u.ctx.restore();
}
