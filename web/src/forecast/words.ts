// Words of calendars and chances.
import { GAP, NONE, roundPercent } from '../format/number';
import type { Forecast } from '../api/forecast-types';

const EVENTS: Record<string, string> = {
  us_nfp: 'US jobs report',
  us_cpi: 'US CPI',
  us_ppi: 'US PPI',
  us_gdp: 'US GDP',
  us_pce: 'US PCE',
  fomc_decision: 'FOMC decision',
  fomc_press: 'FOMC press conference',
  ecb_decision: 'ECB decision',
  boe_decision: 'BoE decision',
  vix_settlement: 'VIX settlement',
  opt_expiry_monthly: 'Options expiry',
  opt_expiry_quarterly_witching: 'Quarterly expiry',
  index_rebalance_msci: 'MSCI rebalance',
  index_rebalance_sp_quarterly: 'S&P rebalance',
  index_reconstitution_nasdaq100: 'Nasdaq 100 change',
  pre_holiday: 'Day before a holiday',
  post_holiday: 'Day after a holiday',
};

/** "half_day" is "Half day"; the well-known ones have names of their own. */
export function eventWords(name: string): string {
  const plain = name.replaceAll('_', ' ');
  return EVENTS[name] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** From this chance on a peak counts as one that exceeds. */
export const LIKELY = 0.5;

/** A probability as people read it: never 0 % or 100 % of what may or may not be. */
export function chance(p: number | null | undefined): string {
  if (p == null) return NONE;
  if (p < 0.01) return `<${GAP}1${GAP}%`;
  return p > 0.99 ? `>${GAP}99${GAP}%` : roundPercent(Math.round(p * 100));
}

/** The level of the outer bounds: "95 %". */
export const levelWords = ({ level }: Forecast) => roundPercent(Math.round(level * 1000) / 10);
