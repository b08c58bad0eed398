// What the fan chart is made of: the forecast in force, what came before it, what was said a day
// ago, and the market's sessions and events.
import { ApiError, get } from '../api/client';
import type { Forecast, ForecastAccuracy, MarketEvent, OfCalendar, Session } from '../api/forecast-types';
import type { History } from '../api/types';
import { useFetch, type Fetched } from '../chart/use-fetch';
import { daemonNow } from '../state/live';
import { learnMarket } from '../state/market';
import type { Reach } from '../state/route';
import type { Chosen } from './chosen';

const REFRESH_SECONDS = 60; // a forecast is made anew once an hour, the past grows
const DAY = 86_400;
const LATE_SECONDS = 3 * 3_600; // one is made each hour, or somewhat later

export interface Trading {
  code: string;
  zone: string;
  sessions: Session[];
  events: MarketEvent[];
}

export interface FanData {
  chosen: Chosen;
  forecast: Forecast;
  history: History;
  before: Forecast | null; // made a day ago
  beforeCame: ForecastAccuracy | null; // how that one came out so far
  trading: Trading | null;
  from: number; // Unix seconds of the window
  to: number;
  why: string; // it does not go as far as was asked for; '' where it does
}

/** The answer, or null where the daemon says that there is none. */
export async function orNone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (reason) {
    if (reason instanceof ApiError && reason.problem.status === 404) return null;
    throw reason;
  }
}

const dayOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);

/** Sessions and events of the days from one to the other, with a day more on either side. */
async function tradingOf(code: string, from: number, to: number): Promise<Trading | null> {
  const query = { from: dayOf(from - DAY), to: dayOf(to + 3 * DAY) };
  const [sessions, events] = await Promise.all([
    orNone(get<OfCalendar<Session>>(`calendars/${code}/sessions`, query)),
    orNone(get<OfCalendar<MarketEvent>>(`calendars/${code}/events`, query)),
  ]);
  if (!sessions) return null;
  learnMarket({ code, zone: sessions.zone });
  return { code, zone: sessions.zone, sessions: sessions.items, events: events?.items ?? [] };
}

/** When the session after this moment ends: the one that runs, or the next. */
function sessionEnd(trading: Trading | null, now: number): number {
  const next = trading?.sessions.find((s) => Date.parse(s.close) / 1000 > now);
  return next ? Date.parse(next.close) / 1000 + DAY / 12 : now + DAY;
}

/** What was said a day ago; one that is much older is not that. */
async function saidADayAgo(series: Record<string, string>, now: number): Promise<Forecast | null> {
  const kept = await orNone(get<Forecast>('forecasts', { ...series, made_by: String(Math.floor(now - DAY)) }));
  return kept && now - Date.parse(kept.made) / 1000 <= DAY + LATE_SECONDS ? kept : null;
}

const endOf = ({ points, origin, step }: Forecast) =>
  Date.parse(points[points.length - 1]?.timestamp ?? origin) / 1000 + (points.length ? step : 0);

interface Reaching {
  forecast: Forecast;
  why: string; // it is not longer; '' where it is long enough
}

/** The one in force, or a longer one that is made for us; where that cannot be had, the shorter. */
async function reaching(series: Record<string, string>, inForce: Forecast, wanted: number): Promise<Reaching> {
  const { origin, step } = inForce;
  if (endOf(inForce) >= wanted - step) return { forecast: inForce, why: '' };
  const hours = Math.floor((wanted - Date.parse(origin) / 1000) / 3_600);
  try {
    const longer = await get<Forecast>('forecasts', { ...series, horizon_hours: String(hours) });
    // Of a series that is stale the daemon knows no capacity now: the last one stands.
    longer.peak.capacity ??= inForce.peak.capacity;
    return { forecast: longer, why: '' };
  } catch (reason) {
    return { forecast: inForce, why: reason instanceof ApiError ? reason.message : String(reason) };
  }
}

export async function askForecast(chosen: Chosen, reach: Reach): Promise<FanData> {
  const series = { service: chosen.service, resource_type: chosen.type };
  const inForce = await get<Forecast>('forecasts', series);
  const { step, calendar } = inForce;
  const now = daemonNow.peek() / 1000;
  const from = Math.floor((now - reach.seconds) / step) * step;
  const past = { from: String(from), to: String(Math.floor(now / step) * step), step: String(step) };
  const [history, before, trading] = await Promise.all([
    get<History>('metrics', { ...series, ...past }),
    saidADayAgo(series, now),
    calendar ? tradingOf(calendar, from, now + reach.seconds) : null,
  ]);
  const wanted = reach.id === 'session' ? sessionEnd(trading, now) : now + reach.seconds;
  const [{ forecast, why }, beforeCame] = await Promise.all([
    reaching(series, inForce, wanted),
    before && orNone(get<ForecastAccuracy>(`forecasts/${before.forecast_id}/accuracy`)),
  ]);
  const end = endOf(forecast);
  const to = Math.max(Math.min(wanted, end), now + step);
  return { chosen, forecast, history, before, beforeCame, trading, from, to, why };
}

export function useForecast(chosen: Chosen | null, reach: Reach): Fetched<FanData> {
  const key = chosen ? `${chosen.service} ${chosen.type} ${reach.id}` : '';
  return useFetch(key, REFRESH_SECONDS, () => askForecast(chosen!, reach));
}
