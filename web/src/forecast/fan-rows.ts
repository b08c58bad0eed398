// What the fan says of one moment: in the tooltip and to who listens.
import type { Row } from '../chart/tooltip';
import { NONE, roundPercent } from '../format/number';
import { ACTUAL, BEFORE, CAPACITY, edge, MEDIAN, valueAt, type Fan } from './fan';

/** Events of the step that begins at t. */
const eventsAt = ({ marks }: Fan, t: number, step: number) =>
  marks.flags.filter(({ at }) => at >= t && at < t + step).flatMap(({ names }) => names);

interface Looks {
  level: number; // of the outer bounds
  step: number; // seconds
  format: (value: number | null) => string;
}

export function fanRows(fan: Fan, { level, step, format }: Looks) {
  const between = (lower: number | null, upper: number | null) =>
    lower == null || upper == null ? NONE : `${format(lower)} to ${format(upper)}`;
  return (index: number): Row[] => {
    const at = (name: string) => valueAt(fan, name, index);
    const rows: Row[] = [];
    const actual = at(ACTUAL);
    const median = at(MEDIAN);
    const capacity = at(CAPACITY);
    if (actual != null) rows.push({ name: ACTUAL, value: format(actual), line: '--text' });
    if (at(BEFORE) != null) rows.push({ name: BEFORE, value: format(at(BEFORE)), line: '--c1' });
    if (median != null) {
      rows.push({ name: MEDIAN, value: format(median), line: '--c1' });
      for (const [l, line] of [
        [0.8, '--b80'],
        [level, '--b95'],
      ] as const)
        if (at(edge(l, 'upper')) != null)
          rows.push({
            name: `${roundPercent(l * 100)} interval`,
            value: between(at(edge(l, 'lower')), at(edge(l, 'upper'))),
            line,
          });
    }
    if (capacity != null) {
      rows.push({ name: CAPACITY, value: format(capacity), line: '--crit' });
      const value = actual ?? median;
      if (value != null && value > capacity)
        rows.push({ name: 'Short by', value: format(value - capacity), bad: true });
    }
    for (const name of eventsAt(fan, fan.x[index] ?? NaN, step)) rows.push({ name: 'Event', value: name, line: '--under' });
    return rows.length ? rows : [{ name: 'No data', value: NONE }];
  };
}
