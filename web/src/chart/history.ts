// History of one service: which step to ask for, and several answers on one time axis.
import { ApiError, get } from '../api/client';
import type { History, ResourceType } from '../api/types';
import { daemonNow, live, pictureAt } from '../state/live';

const STEPS = [1, 2, 5, 15, 30, 60, 120, 300, 900, 1_800, 3_600, 7_200, 14_400];
const WANTED_POINTS = 300;
const SHORTEST_SPAN_SECONDS = 120;

export interface Window {
  span: number; // seconds asked for
  step: number; // seconds between points
}

/** How far back there is anything to show: a young daemon has less than the range. */
export function windowFor(rangeSeconds: number): Window {
  const known = live.value;
  const oldest = known?.status.storage.oldest;
  // In the first seconds nothing is stored yet.
  const uptime = known?.status.uptime_seconds ?? rangeSeconds;
  const kept = oldest ? pictureAt.value - Date.parse(oldest) / 1000 : uptime;
  // Grows in steps, so that a young daemon's chart is not asked for anew each second.
  const young = SHORTEST_SPAN_SECONDS * 2 ** Math.ceil(Math.log2(Math.max(1, kept / SHORTEST_SPAN_SECONDS)));
  const span = Math.min(rangeSeconds, young);
  const interval = known?.status.engine.check_interval_seconds ?? 15;
  const step = STEPS.find((s) => s >= interval && span / s <= WANTED_POINTS) ?? STEPS[STEPS.length - 1]!;
  return { span, step };
}

/** How often a chart of that step is worth asking for again. */
export const refreshSeconds = (step: number) => Math.min(60, Math.max(10, step));

/** What is asked of GET /metrics for a window that ends now. */
export function historyQuery(service: string, type: ResourceType, window: Window) {
  const to = Math.floor(daemonNow.peek() / 1000);
  const from = Math.floor((to - window.span) / window.step) * window.step;
  return { service, resource_type: type, from: String(from), to: String(to), step: String(window.step) };
}

/** What the store has; nothing, where the first samples are not in it yet. */
export async function getHistory(service: string, type: ResourceType, window: Window): Promise<History> {
  const query = historyQuery(service, type, window);
  try {
    return await get<History>('metrics', query);
  } catch (reason) {
    if (!(reason instanceof ApiError) || reason.problem.status !== 404) throw reason;
    const columns = { value: [], max: [], capacity: [], utilization_pct: [] };
    return { service, resource_type: type, unit: '', t0: Number(query.from), step: window.step, source: 'raw', columns };
  }
}

export type Points = (number | null)[];

export interface Aligned {
  x: number[]; // Unix seconds
  columns: Points[]; // one per history, same length as x
}

/** Puts histories of the same step, perhaps of different starts, on one axis. */
export function align(histories: History[], column: keyof History['columns']): Aligned {
  const times = new Set<number>();
  for (const h of histories) h.columns[column].forEach((_, i) => times.add(h.t0 + i * h.step));
  const x = [...times].sort((a, b) => a - b);
  const index = new Map(x.map((t, i) => [t, i]));
  const columns = histories.map((h) => {
    const points: Points = new Array<number | null>(x.length).fill(null);
    h.columns[column].forEach((value, i) => (points[index.get(h.t0 + i * h.step)!] = value));
    return points;
  });
  return { x, columns };
}

/** Values that came live, at Unix seconds, one per column. */
export interface LivePoint {
  at: number;
  values: (number | null | undefined)[];
}

/** Adds what came live since the history was asked for, so that the line ends at now. */
export function withLivePoints(aligned: Aligned, points: LivePoint[]): Aligned {
  // The store may be behind, or fail: its last steps are empty then, and we know better.
  let known = aligned.x.length;
  while (known > 0 && aligned.columns.every((column) => column[known - 1] == null)) known--;
  const last = aligned.x[known - 1] ?? 0;
  const newer = points.filter(({ at, values }) => at > last && values.some((value) => value != null));
  return {
    x: [...aligned.x.slice(0, known), ...newer.map(({ at }) => at)],
    columns: aligned.columns.map((column, i) => [
      ...column.slice(0, known),
      ...newer.map(({ values }) => values[i] ?? null),
    ]),
  };
}
