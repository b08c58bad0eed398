// The fan: lines, bands and marks of one forecast on one time axis.
//
//     actual ──┐ now ┌─ median, inside its 80 % band, inside its 95 % band
//     said a day ago (dotted) up to now; capacity in steps over all of it
import type { ForecastPoint } from '../api/forecast-types';
import type { Marks, Shade } from '../chart/marks';
import type { Band, Series } from '../chart/plot';
import { roundPercent } from '../format/number';
import type { FanData, Trading } from './use-forecast';
import { eventWords } from './words';
import { datesBetween, midnight } from './zones';

type Values = (number | null)[];

export interface Fan {
  x: number[];
  series: Series[];
  bands: Band[];
  marks: Marks;
  first: number; // index of the first step ahead
  above: boolean; // the capacity lies above the picture
}

/** Names of series, which are the heads of the table too. */
export const ACTUAL = 'Actual';
export const BEFORE = 'Said 24\u00a0h ago';
export const MEDIAN = 'Forecast, median';
export const CAPACITY = 'Capacity';
export const edge = (level: number, side: 'lower' | 'upper') => `${roundPercent(level * 100)} ${side}`;

const FAR_ABOVE = 2.5; // a capacity so far above everything would flatten it
const seconds = (time: string) => Date.parse(time) / 1000;

/** Values by time as a column over x. */
const column = (x: number[], at: Map<number, number | null>): Values => x.map((t) => at.get(t) ?? null);

function byTime(points: ForecastPoint[], of: (p: ForecastPoint) => number | null | undefined) {
  return new Map(points.map((p) => [seconds(p.timestamp), of(p) ?? null]));
}

function closedDays({ sessions, zone }: Trading, from: number, to: number): Shade[] {
  const open = new Set(sessions.map((s) => s.session));
  const days = datesBetween(from, to, zone).filter((date) => !open.has(date));
  const shades: Shade[] = [];
  for (const date of days) {
    const start = midnight(date, zone);
    const end = midnight(new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10), zone);
    const last = shades[shades.length - 1];
    if (last && Math.abs(last.to - start) < 1) last.to = end;
    else shades.push({ from: start, to: end, kind: 'closed', name: 'Market closed' });
  }
  return shades;
}

export function shadesOf(trading: Trading | null, from: number, to: number): Shade[] {
  if (!trading) return [];
  const sessions = trading.sessions.map(
    (s): Shade => ({ from: seconds(s.open), to: seconds(s.close), kind: 'session' }),
  );
  return [...closedDays(trading, from, to), ...sessions.filter((s) => s.to > from && s.from < to)];
}

/** Two events of one moment share a flag. */
export function flagsOf(trading: Trading | null, from: number, to: number): Marks['flags'] {
  const flags = new Map<number, string[]>();
  for (const { event, time } of trading?.events ?? []) {
    const at = time ? seconds(time) : NaN;
    if (at >= from && at <= to) flags.set(at, [...(flags.get(at) ?? []), eventWords(event)]);
  }
  return [...flags]
    .sort(([a], [b]) => a - b)
    .map(([at, names]) => ({ at, names }));
}

/** Where the median first comes above the capacity, or null. */
export function crossing(points: ForecastPoint[], capacity: number | null, to = Infinity): Marks['dot'] {
  const over = points.find((p) => capacity != null && p.predicted_value > capacity);
  return over && seconds(over.timestamp) <= to
    ? { at: seconds(over.timestamp), value: over.predicted_value }
    : null;
}

const highest = (columns: Values[]) => Math.max(0, ...columns.flat().map((value) => value ?? 0));

export function fanOf(data: FanData, now: number): Fan {
  const { forecast, history, before, trading, from, to } = data;
  const points = forecast.points.filter((p) => seconds(p.timestamp) < to);
  const actual = new Map(history.columns.value.map((v, i) => [history.t0 + i * history.step, v]));
  const said = (before?.points ?? []).filter((p) => seconds(p.timestamp) < now && seconds(p.timestamp) >= from);
  const ahead = points.map((p) => seconds(p.timestamp));
  const x = [...new Set([...actual.keys(), ...said.map((p) => seconds(p.timestamp)), ...ahead])].sort(
    (a, b) => a - b,
  );
  const capacities = new Map(history.columns.capacity.map((v, i) => [history.t0 + i * history.step, v]));
  for (const t of ahead) capacities.set(t, forecast.peak.capacity);

  const inner = points.some((p) => p.upper_80 != null);
  const { level } = forecast;
  const make = (name: string, line: string, map: Map<number, number | null>, more: Partial<Series> = {}): Series => ({
    name,
    line,
    values: column(x, map),
    ...more,
  });
  const bound = (l: number, side: 'lower' | 'upper', of: (p: ForecastPoint) => number | null | undefined) =>
    make(edge(l, side), l === level ? '--b95' : '--b80', byTime(points, of), { width: 0 });
  const series: Series[] = [
    bound(level, 'lower', (p) => p.confidence_lower),
    bound(level, 'upper', (p) => p.confidence_upper),
    ...(inner ? [bound(0.8, 'lower', (p) => p.lower_80), bound(0.8, 'upper', (p) => p.upper_80)] : []),
    make(MEDIAN, '--c1', byTime(points, (p) => p.predicted_value), { width: 1.8 }),
    make(ACTUAL, '--text', actual, { width: 1.6 }),
  ];
  if (said.length)
    series.push(make(BEFORE, '--c1', byTime(said, (p) => p.predicted_value), { width: 1.3, dash: [2, 3] }));
  const top = highest(series.map((s) => s.values));
  const capacity = column(x, capacities);
  const known = capacity.some((value) => value != null);
  const above = known && highest([capacity]) > FAR_ABOVE * top;
  if (known) series.push({ name: CAPACITY, line: '--crit', values: capacity, steps: true, width: 1.3, aside: above });

  const band = (l: number, line: string): Band => ({ upper: edge(l, 'upper'), lower: edge(l, 'lower'), line });
  return {
    x,
    series,
    bands: [band(level, '--b95'), ...(inner ? [band(0.8, '--b80')] : [])],
    marks: {
      now,
      shades: shadesOf(trading, from, to),
      flags: flagsOf(trading, from, to),
      dot: crossing(points, forecast.peak.capacity, to),
    },
    first: Math.max(0, x.indexOf(ahead[0] ?? NaN)),
    above,
  };
}

/** The value of a named series at an index; null where there is none. */
export function valueAt(fan: Fan, name: string, index: number): number | null {
  return fan.series.find((s) => s.name === name)?.values[index] ?? null;
}
