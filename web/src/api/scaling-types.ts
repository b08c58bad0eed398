// Scaling as the API tells it.
import type { ResourceType } from './types';

export type Mode = 'off' | 'observe' | 'approve' | 'auto';
export type Verdict = 'nothing' | 'held' | 'observe' | 'propose' | 'act';

export interface Pause {
  what: 'none' | 'in' | 'out' | 'both';
  until: string | null;
  actor: string;
  reason: string;
}

/** What a target was last decided to have. */
export interface LastDecision {
  decision_id: string | null;
  timestamp: string;
  verdict: Verdict;
  bound: string;
  current: number;
  wanted: number;
  to: number;
  direction: string;
  reason: string;
  valid_until: string | null;
}

/** What one rule said to it. */
export interface Proposal {
  state: string;
  want: number;
  bound: string;
  shadow: boolean;
  demand: number | null;
  utilization_pct: number | null;
  text: string;
}

export interface Rule {
  rule_id: string;
  target: string;
  service: string;
  resource_type: ResourceType;
  policy: 'THRESHOLD' | 'PREDICTIVE' | 'SCHEDULED' | 'MANUAL';
  thresholds?: { scale_up_pct: number; scale_down_pct: number; cooldown_seconds: number; critical_pct: number };
  target_utilization_pct?: number;
  mode: Mode;
  version: number;
  source: string;
  trusted: boolean | null;
  trust: string | null;
  proposal: Proposal | null;
  last: LastDecision | null;
}

export interface Action {
  action_id: string;
  rule_id: string;
  target: string;
  service: string;
  resource_type: ResourceType;
  state: string;
  direction: string;
  from_value: number | null;
  to_value: number | null;
  reason: string;
  timestamp: string;
  actor: string;
  decision_id: string | null;
  created: string | null;
  changed: string | null;
  expires: string | null;
}

export interface Target {
  name: string;
  service: string;
  unit: string;
  min_instances: number;
  max_instances: number;
  price_per_instance_hour?: number;
  current: number | null;
  ready: number | null;
  seen_at: string | null;
  condition: string | null;
  cooldown_out_until: string | null;
  cooldown_in_until: string | null;
  lead_seconds: number;
  pause: Pause;
  freeze: Pause;
  action: Action | null;
  rules: string[];
  last: LastDecision | null;
}

export interface ModeState {
  mode: Mode;
  pause: Pause;
  rules: Record<Mode, number>;
  targets: { target: string; pause: Pause; freeze: Pause }[];
}

export interface Stage {
  stage: string;
  before: number;
  after: number;
  bound: string;
  without: number; // what would come without this stage
  text: string;
}

export interface Decision {
  decision_id: string;
  timestamp: string;
  target: string;
  service: string;
  verdict: Verdict;
  current: number;
  to: number;
  record: {
    target: Target;
    decision: {
      reason: string;
      winner: number;
      proposals: (Proposal & { rule_id: string; per_unit?: number; goal?: number; utilization?: number })[];
      stages: Stage[];
    };
  } | null;
}
