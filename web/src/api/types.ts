// The shapes of the HTTP API (docs/reference/http-api.md).  null is "no data", never zero.

export type Status =
  'HEALTHY' | 'WARNING' | 'CRITICAL' | 'OVER_PROVISIONED' | 'UNDER_PROVISIONED' | 'UNKNOWN';

export type ResourceType =
  'CPU' | 'MEMORY' | 'DISK' | 'NETWORK' | 'CONNECTIONS' | 'QUEUE_DEPTH' | 'API_CALLS';

export type Counts = Record<Status, number>;

export interface ResourceMetric {
  service: string;
  resource_type: ResourceType;
  instance: string;
  part: string;
  primary: boolean;
  unit: string;
  current_value: number | null;
  capacity: number | null;
  utilization_pct: number | null;
  max_value: number | null;
  window_seconds: number | null;
  timestamp: string;
  age_seconds: number | null;
  stale: boolean;
  status: Status;
  status_reason: string;
  time_to_limit_seconds: number | null;
}

export interface Worst {
  service?: string;
  instance: string;
  part: string;
  utilization_pct: number | null;
  status: Status;
}

export interface ResourceSummary {
  resource_type: ResourceType;
  unit: string;
  status: Status;
  status_reason: string;
  current_value: number | null;
  capacity: number | null;
  utilization_pct: number | null;
  services: number;
  series: number;
  stale: number;
  warning_pct: number | null;
  critical_pct: number | null;
  p95_7d_pct: number | null;
  peak_24h_pct: number | null;
  time_to_limit_seconds: number | null;
  worst: Worst | null;
  sparkline: { t0: number; step: number; utilization_pct: (number | null)[] } | null;
}

export interface LeastHeadroom {
  service: string;
  resource_type: ResourceType;
  instance: string;
  part: string;
  kind: string;
  seconds: number;
}

export interface Summary {
  sequence: number;
  timestamp: string;
  environment: string;
  overall_health: Status;
  counts: Counts;
  cells: number;
  services: number;
  series: number;
  instances: number | null;
  verdict: { status: Status; headline: string; sentence: string };
  least_headroom: LeastHeadroom | null;
  resources: ResourceSummary[];
}

export interface Cell {
  current_value: number | null;
  capacity: number | null;
  unit: string;
  utilization_pct: number | null;
  warning_pct: number; // thresholds in force for this cell
  critical_pct: number;
  p95_7d_pct: number | null;
  peak_24h_pct: number | null;
  time_to_limit_seconds: number | null;
  status: Status;
  status_reason: string;
  stale: boolean;
  worst: Worst | null;
}

/** Amounts by resource; one that is not known is not there. */
export type Amounts = Partial<Record<ResourceType, number | null>>;

/** What a source tells of a service beyond its samples; null or absent where it does not. */
export interface ServiceFacts {
  kind?: string | null; // Deployment, StatefulSet, unit
  source?: string | null;
  desired?: number | null; // instances wanted
  ready?: number | null; // instances that can serve
  requests?: Amounts | null;
  limits?: Amounts | null;
}

export interface Service extends ServiceFacts {
  service: string;
  environment: string;
  cluster: string;
  namespace: string;
  team: string;
  owner: string;
  tier: string;
  venue: string;
  site: string;
  instances: number | null;
  instances_source: string;
  status: Status;
  headroom_seconds: number | null;
  headroom_kind: string | null;
  resources: Partial<Record<ResourceType, Cell>>;
}

export type SourceState = 'up' | 'down' | 'waiting';

/** One way in: what it is, how it does, what became of its series. */
export interface SourceInfo {
  name: string;
  kind: string; // prometheus, scrape, remote_write, postgres, host, agent
  url: string | null;
  state: SourceState;
  last_success: string | null;
  interval_seconds: number | null;
  duration_ms: number | null;
  points: number | null;
  series: number | null;
  mapped: number | null;
  unmatched: number | null;
  dropped: number | null;
  refused: number | null;
  coverage_pct: number | null;
  error: string | null;
  note: string | null;
}

export interface FoundService extends ServiceFacts {
  service: string;
  rule: string;
  resources: ResourceType[];
  series: number;
  oldest_start: string | null;
  newest_start: string | null;
}

export interface Unmatched {
  metric: string;
  series: number;
  reason: string;
  example: string;
  source: string;
}

export interface Discovery {
  generated: string;
  sources: SourceInfo[];
  services: FoundService[];
  unmatched: Unmatched[];
}

export interface Limit {
  service: string;
  resource_type: ResourceType;
  instance: string;
  part: string;
  unit: string;
  current_value: number | null;
  capacity: number | null;
  to_critical_seconds: number | null;
  to_capacity_seconds: number | null;
  to_ceiling_seconds: number | null;
  trend_per_day: number | null;
  basis: string;
  state: 'OK' | 'BEYOND' | 'LEARNING' | 'NO_CAPACITY';
}

export interface History {
  service: string;
  resource_type: ResourceType;
  unit: string;
  t0: number;
  step: number;
  source: string;
  columns: {
    value: (number | null)[];
    max: (number | null)[];
    capacity: (number | null)[];
    utilization_pct: (number | null)[];
  };
}

export interface Collector {
  name: string;
  up: boolean;
  last_success: string | null;
  age_seconds: number | null;
  interval_seconds: number;
  samples: number;
  duration_ms: number | null;
  error: string | null;
}

export interface DaemonStatus {
  version: string;
  state: string;
  uptime_seconds: number;
  pid: number;
  environment: string;
  mode: string;
  scaling?: { proposals: number };
  collectors: Collector[];
  engine: { series: number; max_series: number; check_interval_seconds: number; last_tick_ms: number | null };
  storage: {
    state: string;
    error: string | null;
    bytes: number | null;
    samples: number | null;
    oldest: string | null;
    retention_seconds: number;
    last_commit_ms: number | null;
  };
  stream: { clients: number; max_clients: number };
  config: { file: string | null; hash: string; loaded: string; last_reload_successful: boolean };
}

export interface Happening {
  id: number;
  timestamp: string;
  kind: string;
  service: string;
  resource_type: ResourceType | '' | null;
  title: string;
  detail: string;
  reason: string;
}

export interface SnapshotMessage {
  sequence: number;
  summary: Summary;
  services: Service[];
  top: ResourceMetric[];
  status: DaemonStatus;
  events: Happening[];
}

export interface DeltaMessage extends SnapshotMessage {
  removed: string[];
}

export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail: string;
  instance?: string;
  request_id?: string;
  errors?: { path?: string; message: string; hint?: string }[];
}
