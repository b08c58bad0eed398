// The usual week: the median of each half hour or hour of the week over what is stored.
import type { History } from '../api/types';
import { wallClock } from './zones';

export const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const HOUR = 3_600;
const DAY = 86_400;
const WEEK = 7 * DAY;
const SUNDAY_TO_MONDAY = 6; // Date counts days from Sunday

export interface Profile {
  perDay: number; // 24 or 48
  cells: (number | null)[][]; // by day from Monday, then by part of the day
  most: number;
  peaks: number[]; // of each day the part that is highest; -1 where none stands out
  weeks: number; // stored, rounded
}

const median = (sorted: number[]) => {
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

/** How far a zone's wall clock is from UTC, asked once a day of data: it changes rarely. */
function offsets(zone: string): (t: number) => number {
  const known = new Map<number, number>();
  return (t) => {
    const hour = Math.floor(t / (6 * HOUR)) * 6 * HOUR;
    let offset = known.get(hour);
    if (offset === undefined) known.set(hour, (offset = wallClock(hour, zone) - hour));
    return offset;
  };
}

export function profileOf(history: History, zone: string): Profile | null {
  const { t0, step, columns } = history;
  const perDay = Math.round(DAY / step);
  const seen: number[][] = Array.from({ length: 7 * perDay }, () => []);
  const offset = offsets(zone);
  let first = Infinity;
  columns.value.forEach((value, i) => {
    if (value == null) return;
    const t = t0 + i * step;
    first = Math.min(first, t);
    const wall = t + offset(t);
    const day = (new Date(wall * 1000).getUTCDay() + SUNDAY_TO_MONDAY) % 7;
    seen[day * perDay + Math.floor((wall % DAY) / step)]!.push(value);
  });
  if (first === Infinity) return null;
  const middle = seen.map((values) => (values.length ? median(values.sort((a, b) => a - b)) : null));
  const cells = DAYS.map((_, day) => middle.slice(day * perDay, (day + 1) * perDay));
  return {
    perDay,
    cells,
    most: Math.max(...middle.map((value) => value ?? 0)),
    peaks: cells.map((row) => {
      const known = row.filter((value) => value != null) as number[];
      const highest = Math.max(...known);
      return known.length && highest > Math.min(...known) ? row.indexOf(highest) : -1;
    }),
    weeks: Math.max(1, Math.round((t0 + columns.value.length * step - first) / WEEK)),
  };
}

/** "09:30" of a part of the day. */
export function partName(part: number, perDay: number): string {
  const minutes = (part * 24 * 60) / perDay;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
