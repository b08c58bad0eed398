// How forecasts came out, as one judgement in words.
import type { Measures, RollingAccuracy } from '../api/forecast-types';
import { percent } from '../format/number';

/** Fewer hours compared than this say little. */
export const ENOUGH_HOURS = 24;

export type Tone = 'unknown' | 'healthy' | 'warning' | 'critical';

export interface Judgement {
  tone: Tone;
  word: string;
  sentence: string;
}

/** The furthest look ahead that was compared at all: what planning goes by. */
export function headline(rows: RollingAccuracy[]): RollingAccuracy | null {
  const compared = rows.filter((row) => row.compared > 0 && row.wape != null);
  return compared.sort((a, b) => b.hours_ahead - a.hours_ahead)[0] ?? null;
}

/** How much less error than that of the other, as a share; null where it cannot be said. */
export function lessThan(said: Measures, naive: Measures): number | null {
  return said.wape == null || !naive.wape ? null : 1 - said.wape / naive.wape;
}

const NOT_YET: Judgement = {
  tone: 'unknown',
  word: 'Not measured yet',
  sentence:
    'A forecast is compared once its hours are over: figures for 1 h ahead come an hour after the first forecast, those for 24 h ahead a day after it.',
};

const ALL_ZERO: Judgement = {
  tone: 'unknown',
  word: 'No error in per cent',
  sentence: 'What came was zero in all hours that were compared, so there is nothing to take a share of.',
};

/** row: the headline of all. */
export function judge(row: RollingAccuracy | null, all: RollingAccuracy[]): Judgement {
  if (!row) return all.some((one) => one.compared > 0) ? ALL_ZERO : NOT_YET;
  const less = lessThan(row, row.seasonal_naive);
  const few = row.compared < ENOUGH_HOURS;
  const caution = few
    ? ` Only ${row.compared} ${row.compared === 1 ? 'hour was' : 'hours were'} compared: too few to rely on.`
    : '';
  if (less == null)
    return {
      tone: 'unknown',
      word: 'No baseline',
      sentence: 'Repeating the last season could not be compared.' + caution,
    };
  if (less < 0)
    return {
      tone: few ? 'warning' : 'critical',
      word: 'Worse than naive',
      sentence: `Repeating the last season would have been nearer: ${percent(-100 * less)} more error than that.${caution}`,
    };
  return {
    tone: few ? 'unknown' : 'healthy',
    word: few ? 'Too few hours yet' : 'Better than naive',
    sentence: `${percent(100 * less)} less error than repeating the last season.${caution}`,
  };
}
