// What the forecast tab makes of answers: days of a zone, crossings, judgements, the usual week.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { load } from './module.mjs';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const seconds = (time) => Date.parse(time) / 1000;
const plain = (text) => text.replaceAll('\u00a0', ' ');
let zones;
let fan;
let judged;
let profile;
let peaks;
let words;

before(async () => {
  [zones, fan, judged, profile, peaks, words] = await Promise.all(
    ['zones', 'fan', 'judged', 'profile-model', 'peaks-model', 'words'].map((name) => load(`forecast/${name}`)),
  );
});

test('a day begins at midnight of its zone, also when the clock changes', () => {
  const start = (date, zone) => new Date(zones.midnight(date, zone) * 1000).toISOString();
  assert.equal(start('2026-11-26', 'America/New_York'), '2026-11-26T05:00:00.000Z');
  assert.equal(start('2026-11-01', 'America/New_York'), '2026-11-01T04:00:00.000Z'); // ends at 05:00 UTC
  assert.equal(start('2026-11-02', 'America/New_York'), '2026-11-02T05:00:00.000Z');
  assert.equal(start('2026-03-29', 'Europe/Berlin'), '2026-03-28T23:00:00.000Z');
  assert.equal(start('2026-03-30', 'Europe/Berlin'), '2026-03-29T22:00:00.000Z');
  assert.equal(start('2026-11-26', 'Asia/Kolkata'), '2026-11-25T18:30:00.000Z');
  assert.deepEqual(
    zones.datesBetween(seconds('2026-11-26T05:00Z'), seconds('2026-11-28T05:00Z'), 'America/New_York'),
    ['2026-11-26', '2026-11-27'],
  );
  assert.deepEqual(
    zones.datesBetween(seconds('2026-11-26T04:59Z'), seconds('2026-11-26T05:01Z'), 'America/New_York'),
    ['2026-11-25', '2026-11-26'],
  );
});

const session = (date, open, close) => ({ session: date, open: `${date}T${open}Z`, close: `${date}T${close}Z` });
const trading = {
  code: 'XNYS',
  zone: 'America/New_York',
  sessions: [session('2026-11-25', '14:30', '21:00'), session('2026-11-27', '14:30', '18:00')],
  events: [
    { event: 'half_day', time: '2026-11-27T18:00Z' },
    { event: 'month_end', time: '2026-11-27T18:00Z' },
    { event: 'us_nfp', time: null },
    { event: 'us_nfp', time: '2026-12-04T13:30Z' },
  ],
};

test('closed days are hatched from midnight to midnight, those in a row as one', () => {
  const shades = fan.shadesOf(trading, seconds('2026-11-25T12:00Z'), seconds('2026-11-29T20:00Z'));
  const closed = shades.filter((s) => s.kind === 'closed').map((s) => [s.from, s.to]);
  assert.deepEqual(closed, [
    [seconds('2026-11-26T05:00Z'), seconds('2026-11-27T05:00Z')],
    [seconds('2026-11-28T05:00Z'), seconds('2026-11-30T05:00Z')],
  ]);
  assert.equal(shades.filter((s) => s.kind === 'session').length, 2);
  assert.deepEqual(fan.shadesOf(null, 0, 1), []);
});

test('events of one moment share a flag; one without a time has none', () => {
  assert.deepEqual(fan.flagsOf(trading, seconds('2026-11-27T00:00Z'), seconds('2026-11-28T00:00Z')), [
    { at: seconds('2026-11-27T18:00Z'), names: ['Half day', 'Month end'] },
  ]);
});

const point = (time, predicted_value, more) => ({
  timestamp: time,
  predicted_value,
  confidence_lower: predicted_value - 2,
  confidence_upper: predicted_value + 2,
  lower_80: predicted_value - 1,
  upper_80: predicted_value + 1,
  ...more,
});

test('the first crossing is of the median, and none without a capacity', () => {
  const points = [point('2026-11-27T10:00Z', 8), point('2026-11-27T11:00Z', 11), point('2026-11-27T12:00Z', 12)];
  assert.deepEqual(fan.crossing(points, 10), { at: seconds('2026-11-27T11:00Z'), value: 11 });
  assert.equal(fan.crossing(points, 12), null); // at capacity is not above it
  assert.equal(fan.crossing(points, null), null);
  assert.equal(fan.crossing(points, 10, seconds('2026-11-27T10:30Z')), null); // outside the picture
});

function fanData(change = {}) {
  const t0 = seconds('2026-11-27T06:00Z');
  return {
    chosen: { service: 'a', type: 'CPU' },
    forecast: {
      step: HOUR,
      level: 0.95,
      points: [point('2026-11-27T10:00Z', 8), point('2026-11-27T11:00Z', 9)],
      peak: { capacity: 10 },
    },
    history: { t0, step: HOUR, columns: { value: [5, null, 6, 7], capacity: [10, 10, 10, 10] } },
    before: { points: [point('2026-11-27T08:00Z', 5.5), point('2026-11-27T11:00Z', 8)] },
    trading: null,
    from: t0,
    to: seconds('2026-11-27T12:00Z'),
    ...change,
  };
}

test('lines, bands and marks stand on one axis; a gap stays a gap', () => {
  const now = seconds('2026-11-27T10:20Z');
  const made = fan.fanOf(fanData(), now);
  const of = (name) => made.series.find((s) => s.name === name).values;
  assert.equal(made.x.length, 6);
  assert.deepEqual(of(fan.ACTUAL), [5, null, 6, 7, null, null]);
  assert.deepEqual(of(fan.MEDIAN), [null, null, null, null, 8, 9]);
  assert.deepEqual(of(fan.BEFORE), [null, null, 5.5, null, null, null], 'what was said of the future is not drawn');
  assert.deepEqual(of(fan.CAPACITY), [10, 10, 10, 10, 10, 10]);
  assert.deepEqual(of(fan.edge(0.8, 'upper')), [null, null, null, null, 9, 10]);
  assert.equal(made.bands.length, 2);
  assert.equal(made.first, 4);
  assert.equal(made.above, false);
});

test('a capacity far above does not flatten the picture; an unknown one is not drawn', () => {
  const far = fanData();
  far.forecast.peak.capacity = 1000;
  const made = fan.fanOf(far, 0);
  assert.equal(made.above, true);
  assert.equal(made.series.find((s) => s.name === fan.CAPACITY).aside, true);
  const none = fanData();
  none.forecast.peak.capacity = null;
  none.history.columns.capacity = [null, null, null, null];
  assert.equal(fan.fanOf(none, 0).series.some((s) => s.name === fan.CAPACITY), false);
});

test('without bounds at 80 % there is one band', () => {
  const data = fanData();
  data.forecast.points = [point('2026-11-27T10:00Z', 8, { lower_80: null, upper_80: null })];
  assert.deepEqual(fan.fanOf(data, 0).bands.map((b) => b.line), ['--b95']);
});

const row = (hours_ahead, compared, wape, naive) => ({
  hours_ahead,
  compared,
  wape,
  seasonal_naive: { wape: naive },
});
const judge = (...rows) => judged.judge(judged.headline(rows), rows);

test('worse than naive is said plainly, also of few hours', () => {
  const worse = judge(row(1, 50, 0.1, 0.2), row(24, 40, 0.3, 0.2));
  assert.equal(worse.word, 'Worse than naive');
  assert.equal(worse.tone, 'critical');
  assert.match(plain(worse.sentence), /50.0 % more error/);
  const few = judge(row(24, 2, 0.3, 0.2));
  assert.equal(few.word, 'Worse than naive');
  assert.match(few.sentence, /Only 2 hours/);
});

test('better than naive needs enough hours; nothing compared is not zero error', () => {
  assert.equal(judge(row(24, 24, 0.1, 0.2)).word, 'Better than naive');
  assert.equal(judge(row(24, 23, 0.1, 0.2)).word, 'Too few hours yet');
  assert.equal(judge().word, 'Not measured yet');
  assert.equal(judge(row(1, 3, null, null)).word, 'No error in per cent');
  assert.equal(judge(row(1, 3, 0.1, null)).word, 'No baseline');
  assert.equal(judged.headline([row(1, 9, 0.1, 0.1), row(24, 0, null, null)]).hours_ahead, 1);
});

test('the usual week is of medians in the zone, and a flat day has no peak', () => {
  const t0 = seconds('2026-11-01T00:00Z'); // New York changes its clock on this Sunday
  const values = Array.from({ length: 21 * 24 }, (_, i) => {
    const at = new Date((t0 + i * HOUR) * 1000);
    const day = new Intl.DateTimeFormat('en', { timeZone: 'America/New_York', weekday: 'short' }).format(at);
    const hour = Number(
      new Intl.DateTimeFormat('en', { timeZone: 'America/New_York', hour: '2-digit', hourCycle: 'h23' }).format(at),
    );
    return day === 'Sun' ? 5 : hour === 9 ? 100 + (i % 7) : 10;
  });
  const history = { t0, step: HOUR, columns: { value: values } };
  const week = profile.profileOf(history, 'America/New_York');
  assert.equal(week.perDay, 24);
  assert.equal(week.weeks, 3);
  assert.deepEqual(week.peaks, [9, 9, 9, 9, 9, 9, -1]);
  assert.equal(week.cells[6][3], 5);
  const sorted = [100, 101, 102, 103, 104, 105, 106];
  assert.ok(sorted.includes(week.cells[0][9]), `${week.cells[0][9]} is no median of three`);
  assert.equal(profile.profileOf({ t0, step: HOUR, columns: { value: [null, null] } }, 'UTC'), null);
  assert.equal(profile.partName(19, 48), '09:30');
});

test('coming peaks: one a day of the zone, why, and whether it fits', () => {
  const forecast = {
    step: HOUR,
    points: [
      point('2026-11-27T13:00Z', 5),
      point('2026-11-27T14:00Z', 9),
      point('2026-11-28T02:00Z', 8), // still the 27th in New York
      point('2026-11-28T15:00Z', 3),
    ],
  };
  const rows = peaks.dayPeaks(forecast, 'America/New_York', trading);
  assert.deepEqual(
    rows.map((r) => [r.point.predicted_value, r.why]),
    [
      [9, 'Open'],
      [3, 'Market closed'],
    ],
  );
  const look = (...of) => plain(peaks.outlook(...of).text);
  assert.equal(look(12, 14, 10, 'items'), 'Short by 2');
  assert.equal(look(9, 11, 10, ''), '10 % free, may fall short');
  assert.equal(look(5, 6, 10, ''), '50 % free');
  assert.equal(look(5, 6, null, ''), 'Capacity unknown');
});

test('chances are never certain', () => {
  assert.deepEqual([0.001, 0.5, 0.999, null].map(words.chance).map(plain), ['< 1 %', '50 %', '> 99 %', '–']);
  assert.equal(words.eventWords('triple_thing'), 'Triple thing');
});
