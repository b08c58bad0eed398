// Numbers as people read them: three significant digits, a thin unit, a real minus sign,
// and an en dash for "no data", which is never zero.

export const NONE = '–';
/** Between a number and its unit: never breaks. */
export const GAP = '\u00a0';

/** Up to three significant digits: 0.123, 1.23, 12.3, 123. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000)
    // 1,017 GiB: below the next prefix, which comes at 1,024
    return Math.round(value).toLocaleString('en-US').replace('-', '−');
  const places = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const text = value.toFixed(places);
  const trimmed = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return (trimmed === '-0' ? '0' : trimmed).replace('-', '−');
}

interface Scale {
  divisor: number;
  unit: string;
}

function scaleOf(size: number, base: number, prefixes: readonly string[]): Scale {
  let step = 0;
  while (step < prefixes.length - 1 && size >= base ** (step + 1) * 0.9995) step++;
  return { divisor: base ** step, unit: prefixes[step] as string };
}

const COUNT = ['', 'k', 'M', 'G', 'T'];
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const BITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];
const WORDS: Record<string, string> = {
  cores: 'cores',
  connections: '',
  files: 'files',
  items: '',
  ratio: '',
};

/** The scale of a value in one of the API's units, chosen by its size. */
function unitScale(size: number, unit: string): Scale {
  if (unit === 'bytes') return scaleOf(size, 1024, BINARY);
  if (unit === 'bytes_per_second') {
    const bits = scaleOf(size * 8, 1000, BITS);
    return { divisor: bits.divisor / 8, unit: bits.unit };
  }
  const count = scaleOf(size, 1000, COUNT);
  const word = unit.endsWith('_per_second') ? '/s' : unit === 'seconds' ? 's' : (WORDS[unit] ?? unit);
  const gap = count.unit && word && word !== '/s' ? GAP : '';
  return { divisor: count.divisor, unit: count.unit + gap + word };
}

/** The distances between the lines of an axis that make round labels in that unit. */
export function roundSteps(unit: string): number[] {
  if (unit === 'bytes') return Array.from({ length: 60 }, (_, i) => 2 ** i);
  const scale = unit === 'bytes_per_second' ? 1 / 8 : 1;
  return Array.from({ length: 20 }, (_, i) => 10 ** (i - 3)).flatMap((power) =>
    [1, 2, 2.5, 5].map((n) => n * power * scale),
  );
}

function withUnit(text: string, unit: string): string {
  return unit ? text + GAP + unit : text;
}

/** "3.72 GiB", "124 Mbit/s", "12.3 k/s". */
export function amount(value: number | null | undefined, unit: string): string {
  if (value == null) return NONE;
  const scale = unitScale(Math.abs(value), unit);
  return withUnit(digits(value / scale.divisor), scale.unit);
}

/** "3.7 / 6.4 TiB": both in the unit of the capacity. */
export function used(value: number | null, capacity: number | null, unit: string): string {
  if (capacity == null) return amount(value, unit);
  if (value == null) return `${NONE} / ${amount(capacity, unit)}`;
  let scale = unitScale(capacity, unit);
  // A tiny use of a huge capacity keeps its own unit: "12 MiB / 4 TiB", not "0 / 4 TiB".
  if (value !== 0 && Math.abs(value) < 0.01 * scale.divisor)
    return `${amount(value, unit)} / ${amount(capacity, unit)}`;
  // "577 / 1,350 cores" rather than "0.577 / 1.35 k cores".
  if (Math.abs(value) < scale.divisor && capacity < 10 * scale.divisor)
    scale = unitScale(scale.divisor * 0.99, unit);
  else if (value !== 0 && scale.divisor > 1 && Math.abs(value) < scale.divisor)
    return `${amount(value, unit)} / ${amount(capacity, unit)}`; // "539 k / 16.8 M", not "0.539 / 16.8 M"
  const inScale = value / scale.divisor;
  return withUnit(`${digits(inScale)} / ${digits(capacity / scale.divisor)}`, scale.unit);
}

/** "61.8" without the sign: utilisation always keeps one place, so that it does not jump. */
export function percentDigits(value: number | null | undefined): string {
  if (value == null) return NONE;
  return (Math.abs(value) >= 99.95 ? value.toFixed(0) : value.toFixed(1)).replace('-', '−');
}

export function percent(value: number | null | undefined): string {
  return value == null ? NONE : percentDigits(value) + GAP + '%';
}

/** A round percentage, for axes and thresholds: "80 %". */
export function roundPercent(value: number | null | undefined): string {
  return value == null ? NONE : digits(value) + GAP + '%';
}

export function count(value: number | null | undefined): string {
  return value == null ? NONE : value.toLocaleString('en-US').replace('-', '−');
}
