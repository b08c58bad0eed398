// The highest step of each day ahead, why it may be, and whether there is room for it.
import type { Forecast, ForecastPoint } from '../api/forecast-types';
import { amount, GAP } from '../format/number';
import type { Tone } from './judged';
import type { Trading } from './use-forecast';
import { eventWords } from './words';
import { dateIn } from './zones';

export interface DayPeak {
  at: number; // ms
  point: ForecastPoint;
  why: string;
}

const NEAR_MS = 3_600_000;

/** The highest step of each date of that zone, in time order. */
export function dayPeaks(forecast: Forecast, zone: string, trading: Trading | null): DayPeak[] {
  const best = new Map<string, ForecastPoint>();
  for (const point of forecast.points) {
    const date = dateIn(Date.parse(point.timestamp) / 1000, zone);
    const before = best.get(date);
    if (!before || point.predicted_value > before.predicted_value) best.set(date, point);
  }
  return [...best.values()].map((point) => {
    const at = Date.parse(point.timestamp);
    return { at, point, why: whyAt(at, forecast.step * 1000, trading) };
  });
}

/** What the calendar has within an hour of a step: an event, the open, the close, a half day. */
function whyAt(at: number, step: number, trading: Trading | null): string {
  if (!trading) return '';
  const near = (time: string | null) => {
    const t = time ? Date.parse(time) : NaN;
    return t >= at - NEAR_MS && t < at + step + NEAR_MS;
  };
  const event = trading.events.find((e) => near(e.time));
  if (event) return eventWords(event.event);
  const session = trading.sessions.find((s) => Date.parse(s.open) < at + step + NEAR_MS && Date.parse(s.close) > at - NEAR_MS);
  if (!session) return 'Market closed';
  if (near(session.open)) return 'Open';
  return near(session.close) ? 'Close' : 'In session';
}

export interface Outlook {
  tone: Tone;
  text: string;
}

export function outlook(value: number, upper: number | null, capacity: number | null, unit: string): Outlook {
  if (capacity == null || capacity <= 0) return { tone: 'unknown', text: 'Capacity unknown' };
  if (value > capacity) return { tone: 'critical', text: `Short by ${amount(value - capacity, unit)}` };
  const free = `${Math.floor((100 * (capacity - value)) / capacity)}${GAP}% free`;
  return upper != null && upper > capacity ? { tone: 'warning', text: `${free}, may fall short` } : { tone: 'healthy', text: free };
}
