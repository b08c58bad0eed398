// Numbers, spans and times as the page prints them.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { load } from './module.mjs';

let number;
let time;
let words;

/** Compares with plain spaces, as the page's do not break. */
const same = (actual, expected) => assert.equal(actual.replaceAll('\u00a0', ' '), expected);

before(async () => {
  [number, time, words] = await Promise.all(['number', 'time', 'words'].map((name) => load(`format/${name}`)));
});

test('missing is a dash, never zero', () => {
  for (const print of [number.percent, number.percentDigits, number.count, number.roundPercent])
    assert.equal(print(null), '–');
  assert.equal(number.amount(null, 'bytes'), '–');
  same(number.used(null, 2, 'cores'), '– / 2 cores');
  assert.equal(number.percentDigits(0), '0.0');
});

test('three significant digits and a real minus sign', () => {
  assert.deepEqual([0.1234, 1.234, 12.34, 123.4, 0].map(number.digits), [
    '0.123',
    '1.23',
    '12.3',
    '123',
    '0',
  ]);
  assert.equal(number.digits(-1.5), '−1.5');
  assert.equal(number.digits(-0.0001), '0');
  assert.equal(number.digits(0.0004), '0');
});

test('amounts carry their unit', () => {
  same(number.amount(3.72 * 2 ** 30, 'bytes'), '3.72 GiB');
  same(number.amount(1017 * 2 ** 30, 'bytes'), '1,017 GiB');
  same(number.amount(1.25e9, 'bytes_per_second'), '10 Gbit/s');
  same(number.amount(999.9, 'calls_per_second'), '1 k/s');
  same(number.amount(12_345, 'connections'), '12.3 k');
  same(number.amount(0.42, 'cores'), '0.42 cores');
});

test('used and capacity share the unit of the capacity', () => {
  same(number.used(3.7 * 2 ** 40, 6.4 * 2 ** 40, 'bytes'), '3.7 / 6.4 TiB');
  same(number.used(577, 1350, 'cores'), '577 / 1,350 cores');
  same(number.used(0.42, 2, 'cores'), '0.42 / 2 cores');
  same(number.used(12 * 2 ** 20, 4 * 2 ** 40, 'bytes'), '12 MiB / 4 TiB');
  same(number.used(538_600, 16.8e6, 'files'), '539 k files / 16.8 M files');
  same(number.used(5e5, null, 'bytes_per_second'), '4 Mbit/s');
});

test('spans', () => {
  assert.deepEqual(
    [34, 90, 64_500, 248_400, 1_987_200, 3_600].map((s) => time.span(s).replaceAll('\u00a0', ' ')),
    ['34 s', '1 m', '17 h 55 m', '2 d 21 h', '23 d', '1 h'],
  );
  same(time.untilLimit(null), '> 90 d');
  assert.equal(time.untilLimit(0), 'now');
  assert.equal(time.untilLimit(0.4), 'now');
  assert.equal(time.urgency(3_600), 'critical');
  assert.equal(time.urgency(null), '');
});

test('moments name their zone, also on the days the clock changes', () => {
  process.env.TZ = 'Europe/Berlin';
  const before = Date.UTC(2026, 9, 25, 0, 30); // 02:30 CEST, then again 02:30 CET
  assert.equal(time.moment(before, 'local'), 'Sun 25 Oct 02:30 CEST');
  assert.equal(time.moment(before + 3_600_000, 'local'), 'Sun 25 Oct 02:30 CET');
  assert.equal(time.moment(before, 'utc'), 'Sun 25 Oct 00:30 UTC');
});

test('an unknown capacity says so, and an unknown reason keeps its words', () => {
  assert.equal(words.statusWord('UNKNOWN', 'NO_CAPACITY'), 'Capacity unknown');
  assert.equal(words.statusWord('UNKNOWN', 'NO_DATA'), 'No data');
  assert.equal(words.reasonWords('DRAINS_TOO_SLOWLY'), 'drains too slowly');
});
