// The shapes of the forecaster's and the calendars' answers.  null is "no data", never zero.
import type { ResourceType } from './types';

export interface ForecastPoint {
  timestamp: string; // start of the step
  predicted_value: number;
  confidence_lower: number | null;
  confidence_upper: number | null;
  lower_80: number | null;
  upper_80: number | null;
}

export interface Peak {
  timestamp: string;
  value: number;
  upper_95: number | null;
  capacity: number | null;
  exceeds_capacity: number | null; // a probability
}

export type Verdict = 'unmeasured' | 'trusted' | 'loses' | 'narrow' | 'wide';

/** Whether scaling may count on it: by what came, so far ahead as scaling needs. */
export interface Trust {
  verdict: Verdict;
  hours_ahead: number;
  reason: string;
}

export interface Forecast {
  forecast_id: string | null; // null: made for a question, not kept
  service: string;
  resource_type: ResourceType;
  unit: string;
  horizon_hours: number | null;
  made: string;
  origin: string;
  step: number; // seconds
  level: number;
  model_used: string;
  reason: string;
  calendar: string | null;
  stale?: boolean; // made too long ago; not of those that are kept, like these
  on_demand?: boolean; // made for a question beyond the usual horizon
  trust?: Trust;
  peak: Peak;
  points: ForecastPoint[];
}

export interface ExpectedPeak extends Peak {
  service: string;
  resource_type: ResourceType;
  unit: string;
  forecast_id: string | null;
  from: string;
  to: string;
}

/** Of what was forecast, compared with what came.  Shares, not per cent. */
export interface Measures {
  compared: number;
  accuracy: number | null;
  wape: number | null;
  mase: number | null;
  bias: number | null;
  coverage: number | null;
  pinball: number | null;
}

export interface RollingAccuracy extends Measures {
  service: string;
  resource_type: ResourceType;
  hours_ahead: number;
  seasonal_naive: Measures;
}

export interface ForecastAccuracy extends Measures {
  forecast_id: string;
  points: number;
  seasonal_naive: Measures;
}

export interface Seasonality {
  from: string;
  to: string;
  step: number;
  steps_with_data: number;
  seasonal: boolean;
  periods: { steps: number; seconds: number; strength: number }[];
}

export interface Session {
  session: string; // the date it trades for
  open: string;
  close: string;
  class: string;
  reason: string;
}

export interface MarketEvent {
  date: string;
  event: string;
  time: string | null;
  class: string;
}

/** A list of one calendar. */
export interface OfCalendar<T> {
  calendar: string;
  zone: string;
  items: T[];
}
