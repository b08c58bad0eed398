// Spans and moments.  A moment is never printed without saying in which zone, here or beside it.
import { market } from '../state/market';
import type { Zone } from '../state/route';
import { GAP, NONE } from './number';

const LIMIT_IN_SIGHT_SECONDS = 90 * 86_400;

/** "17 h 55 m", "2 d 21 h", "23 d", "34 s". */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const one = (n: number, unit: string) => n + GAP + unit;
  const two = (a: number, u: string, b: number, v: string) => one(a, u) + (b ? ' ' + one(b, v) : '');
  if (s < 60) return one(s, 's');
  if (s < 3_600) return one(Math.floor(s / 60), 'm');
  if (s < 86_400) return two(Math.floor(s / 3_600), 'h', Math.floor((s % 3_600) / 60), 'm');
  if (s < 7 * 86_400) return two(Math.floor(s / 86_400), 'd', Math.floor((s % 86_400) / 3_600), 'h');
  return one(Math.floor(s / 86_400), 'd');
}

/** Time to a limit: null means none within sight, 0 that it is reached. */
export function untilLimit(seconds: number | null): string {
  if (seconds == null || seconds > LIMIT_IN_SIGHT_SECONDS) return `>${GAP}90${GAP}d`;
  return seconds < 1 ? 'now' : span(seconds);
}

/** What a time to a limit calls for: red within a day, amber within three days. */
export function urgency(seconds: number | null): '' | 'warning' | 'critical' {
  if (seconds == null) return '';
  return seconds <= 86_400 ? 'critical' : seconds <= 3 * 86_400 ? 'warning' : '';
}

/** The name Intl knows a zone by; undefined is the browser's own. */
export function ianaName(zone: Zone): string | undefined {
  if (zone === 'market') return market.value?.zone ?? 'UTC';
  return zone === 'utc' ? 'UTC' : undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: Zone, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const timeZone = ianaName(zone);
  const id = `${timeZone} ${key}`;
  let made = formats.get(id);
  if (!made) {
    made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
    formats.set(id, made);
  }
  return made;
}

const HM = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const HMS = { ...HM, second: '2-digit' } as const;
const DAY = { weekday: 'short', day: 'numeric', month: 'short' } as const;

export const clock = (ms: number, zone: Zone) => format(zone, 'hm', HM).format(ms);
export const clockSeconds = (ms: number, zone: Zone) => format(zone, 'hms', HMS).format(ms);
export const day = (ms: number, zone: Zone) => format(zone, 'd', DAY).format(ms).replace(',', '');

/** "UTC", "CET", "GMT+5:30": the zone in force at that moment. */
export function zoneName(zone: Zone, ms: number): string {
  const timeZone = ianaName(zone);
  if (timeZone === 'UTC') return 'UTC';
  const names = ['en-GB', 'en-US'].map(
    (locale) =>
      new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' })
        .formatToParts(ms)
        .find((part) => part.type === 'timeZoneName')?.value ?? 'local',
  );
  // Each locale names its own zones (CET, EST) and gives the others as an offset.
  return names.find((name) => !/\d/.test(name)) ?? (names[0] as string);
}

/** "Tue 24 Nov 15:38 UTC". */
export function moment(ms: number, zone: Zone): string {
  return `${day(ms, zone)} ${clock(ms, zone)} ${zoneName(zone, ms)}`;
}

/** "15:37:26 UTC". */
export function momentSeconds(ms: number, zone: Zone): string {
  return `${clockSeconds(ms, zone)} ${zoneName(zone, ms)}`;
}

export const age = (seconds: number | null | undefined) => (seconds == null ? NONE : span(seconds));
