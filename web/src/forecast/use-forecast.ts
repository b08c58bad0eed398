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
  before: Forecast | null; // made at least 24 h ago
  beforeCame: ForecastAccuracy | null; // how that one came out so far
  trading: Trading | null;
  from: number; // Unix seconds of the window
  to: number;
  reach: Reach;
  all: boolean; // the forecast goes as far as was asked for
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

export async function askForecast(chosen: Chosen, reach: Reach): Promise<FanData> {
  const series = { service: chosen.service, resource_type: chosen.type };
  const forecast = await get<Forecast>('forecasts', series);
  const { step, points } = forecast;
  const now = daemonNow.peek() / 1000;
  const from = Math.floor((now - reach.seconds) / step) * step;
  const last = points[points.length - 1];
  const end = last ? Date.parse(last.timestamp) / 1000 + step : now;
  const past = { from: String(from), to: String(Math.floor(now / step) * step), step: String(step) };
  const [history, before, trading] = await Promise.all([
    get<History>('metrics', { ...series, ...past }),
    orNone(get<Forecast>('forecasts', { ...series, made_by: String(Math.floor(now - DAY)) })),
    forecast.calendar ? tradingOf(forecast.calendar, from, now + reach.seconds) : null,
  ]);
  const beforeCame =
    before && (await orNone(get<ForecastAccuracy>(`forecasts/${before.forecast_id}/accuracy`)));
  const wanted = reach.id === 'session' ? sessionEnd(trading, now) : now + reach.seconds;
  const to = Math.max(Math.min(wanted, end), now + step);
  return { chosen, forecast, history, before, beforeCame, trading, from, to, reach, all: end >= wanted - step };
}

export function useForecast(chosen: Chosen | null, reach: Reach): Fetched<FanData> {
  const key = chosen ? `${chosen.service} ${chosen.type} ${reach.id}` : '';
  return useFetch(key, REFRESH_SECONDS, () => askForecast(chosen!, reach));
}
