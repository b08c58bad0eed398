// What a meter shows: of all services from the summary, or of the one that is selected.
import type { Cell, ResourceSummary, ResourceType, Service, Status, Worst } from '../api/types';
import { RESOURCES, type ResourceWord } from '../format/words';
import type { Live } from '../state/live';
import type { SparkData } from './spark';

export interface Meter {
  word: ResourceWord;
  present: boolean;
  status: Status;
  reason: string;
  unit: string;
  value: number | null;
  capacity: number | null;
  pct: number | null;
  warning: number | null;
  critical: number | null;
  p95: number | null;
  peak24h: number | null;
  limitSeconds: number | null;
  stale: boolean;
  worst: Worst | null;
  spark: SparkData | null;
}

const ABSENT = {
  present: false,
  status: 'UNKNOWN' as Status,
  reason: 'NO_DATA',
  unit: '',
  value: null,
  capacity: null,
  pct: null,
  warning: null,
  critical: null,
  p95: null,
  peak24h: null,
  limitSeconds: null,
  stale: false,
  worst: null,
  spark: null,
};

function ofSummary(word: ResourceWord, r: ResourceSummary): Meter {
  return {
    word,
    present: true,
    status: r.status,
    reason: r.status_reason,
    unit: r.unit,
    value: r.current_value,
    capacity: r.capacity,
    pct: r.utilization_pct,
    warning: r.warning_pct,
    critical: r.critical_pct,
    p95: r.p95_7d_pct,
    peak24h: r.peak_24h_pct,
    limitSeconds: r.time_to_limit_seconds,
    stale: r.stale > 0 && r.stale === r.series,
    worst: r.worst,
    spark: r.sparkline,
  };
}

function ofCell(word: ResourceWord, cell: Cell, spark: SparkData | null): Meter {
  return {
    ...ABSENT,
    word,
    present: true,
    status: cell.status,
    reason: cell.status_reason,
    unit: cell.unit,
    value: cell.current_value,
    capacity: cell.capacity,
    pct: cell.utilization_pct,
    warning: cell.warning_pct,
    critical: cell.critical_pct,
    p95: cell.p95_7d_pct,
    peak24h: cell.peak_24h_pct,
    limitSeconds: cell.time_to_limit_seconds,
    stale: cell.stale,
    worst: cell.worst,
    spark,
  };
}

export type Sparks = Partial<Record<ResourceType, SparkData>>;

/** The seven meters; service is given only where there is more than one to choose from. */
export function metersOf(data: Live, service: Service | undefined, sparks: Sparks): Meter[] {
  return RESOURCES.map((word) => {
    if (service) {
      const cell = service.resources[word.type];
      return cell ? ofCell(word, cell, sparks[word.type] ?? null) : { ...ABSENT, word };
    }
    const summary = data.summary.resources.find((r) => r.resource_type === word.type);
    return summary ? ofSummary(word, summary) : { ...ABSENT, word };
  });
}
