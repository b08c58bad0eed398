// Calendar days of a time zone, in Unix seconds.
const parts = new Map<string, Intl.DateTimeFormat>();

function wall(seconds: number, zone: string): number {
  let format = parts.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    parts.set(zone, format);
  }
  const of: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(seconds * 1000)) of[type] = value;
  return Date.UTC(+of.year!, +of.month! - 1, +of.day!, +of.hour!, +of.minute!) / 1000;
}

const DAY = 86_400;

/** The wall clock of that zone as if it were UTC: its hour of the day, its weekday. */
export const wallClock = wall;

/** "2026-11-26" there. */
export const dateIn = (seconds: number, zone: string) =>
  new Date(wall(seconds, zone) * 1000).toISOString().slice(0, 10);

/** When that date begins there. */
export function midnight(date: string, zone: string): number {
  const wanted = Date.parse(date + 'T00:00:00Z') / 1000;
  const first = wanted - (wall(wanted, zone) - wanted);
  return wanted - (wall(first, zone) - first); // the offset may change between the two
}

/** The dates there that have a part in [from, to). */
export function datesBetween(from: number, to: number, zone: string): string[] {
  const dates: string[] = [];
  for (let t = from; t < to + DAY && dates.length < 400; t += DAY) {
    const date = dateIn(t, zone);
    if (midnight(date, zone) < to) dates.push(date);
  }
  return dates;
}
