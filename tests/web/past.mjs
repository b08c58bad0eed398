// Real series as the past of a daemon: measured elsewhere, moved by whole weeks so that they reach
// now.  A daemon that first lives with its clock set back makes forecasts that have come true since.
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { until } from './browser.mjs';
import { Daemon } from './daemon.mjs';

const HOUR = 3_600;
const WEEK = 7 * 24 * HOUR;
const PATIENCE_MS = 180_000; // for a forecast, on a machine under load
const SERIES = new URL('../../bench/data/series/', import.meta.url);

const hourOf = (seconds) => Math.floor(seconds / HOUR) * HOUR;
const clockBack = (hours) => Date.now() / 1000 - hours * HOUR;

/** [{ t, value }] of one series of a file there; the hours of the week stay what they were. */
export function realSeries(file, name) {
  const rows = gunzipSync(readFileSync(new URL(`${file}.csv.gz`, SERIES)))
    .toString()
    .split('\n')
    .map((line) => line.split(','))
    .filter(([series]) => series === name)
    .map(([, time, value]) => ({ t: Date.parse(time) / 1000, value: Number(value) }));
  const moved = Math.ceil((Date.now() / 1000 - rows[rows.length - 1].t) / WEEK) * WEEK;
  return rows.map(({ t, value }) => ({ t: t + moved, value }));
}

/** The hours between rows as zero: outside its sessions nothing is traded. */
export function withZeros(rows) {
  const known = new Map(rows.map(({ t, value }) => [t, value]));
  const all = [];
  for (let { t } = rows[0]; t <= rows[rows.length - 1].t; t += HOUR) all.push({ t, value: known.get(t) ?? 0 });
  return all;
}

/** What makes a program read a clock that is set back (libfaketime, package faketime). */
function clockOf(hours) {
  if (!hours) return {};
  const [folder] = readdirSync('/usr/lib').filter((name) => name.endsWith('-linux-gnu'));
  return {
    LD_PRELOAD: `/usr/lib/${folder}/faketime/libfaketime.so.1`,
    FAKETIME: `-${hours}h`,
    DONT_FAKE_MONOTONIC: '1',
    FAKETIME_FORCE_MONOTONIC_FIX: '0',
  };
}

const nameOf = ({ service, resource_type, instance = 'i1' }) => ({ service, resource_type, instance });

/** Imports the hours of [from, to) and pushes a sample, so that the series lives. */
async function feed(daemon, series, from, to) {
  const { rows, capacity } = series;
  const rollups = rows
    .filter(({ t }) => t >= from && t + HOUR <= to)
    .map(({ t, value }) => ({ ...nameOf(series), step: HOUR, t, mean: value, max: value, count: 60, capacity }));
  if (rollups.length) await daemon.post('import', { rollups });
  const now = rows.find(({ t }) => t === hourOf(to)) ?? rows[rows.length - 1];
  await daemon.post('metrics', { metrics: [{ ...nameOf(series), current_value: now.value, capacity }] });
}

async function forecastOf(daemon, { service, resource_type }, since) {
  const query = new URLSearchParams({ service, resource_type });
  const forecast = await daemon.get(`forecasts?${query}`).catch(() => null);
  return forecast && Date.parse(forecast.made) / 1000 >= since - 1 ? forecast : null;
}

/** A daemon with those series, [{ service, resource_type, rows, capacity }], that made forecasts
 *  so many hours ago, the longest first, and one now. */
export async function startWithPast(series, back = [], more = '') {
  let daemon;
  let fed = 0;
  for (const hours of [...back, 0]) {
    const environment = clockOf(hours);
    if (!daemon) daemon = await Daemon.start({ more, environment });
    else {
      daemon.environment = environment;
      await daemon.up();
    }
    const now = clockBack(hours);
    for (const one of series) await feed(daemon, one, fed, now);
    for (const one of series)
      await until(`a forecast ${hours} h ago`, PATIENCE_MS, () => forecastOf(daemon, one, now));
    fed = hourOf(now);
    if (hours) await daemon.down();
  }
  return daemon;
}
