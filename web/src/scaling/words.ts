// Scaling's words, and what is read from a rule and its target.
import type { Action, Mode, Rule, Target } from '../api/scaling-types';
import { count, roundPercent } from '../format/number';
import type { IconName } from '../ui/icon';

export const MODES: readonly { id: Mode; name: string; title: string }[] = [
  { id: 'off', name: 'Off', title: 'Decisions are made and kept; nothing is proposed' },
  { id: 'observe', name: 'Observe', title: 'Says what it would do' },
  { id: 'approve', name: 'Approve', title: 'Proposes; a person approves' },
  { id: 'auto', name: 'Auto', title: 'Acts by itself, within the rules' },
];

export const modeWord = (mode: Mode) => MODES.find(({ id }) => id === mode)?.name ?? mode;

const POLICIES: Record<Rule['policy'], string> = {
  THRESHOLD: 'Threshold',
  PREDICTIVE: 'Predictive',
  SCHEDULED: 'Scheduled',
  MANUAL: 'Manual',
};

export const policyWord = (policy: Rule['policy']) => POLICIES[policy] ?? policy;

export interface State {
  tone: 'accent' | 'warn' | 'crit' | 'neutral';
  icon: IconName;
  word: string;
}

const open = (action: Action | null, ...states: string[]) => action !== null && states.includes(action.state);

/** Bounds that stand for data which is not there, or not to be believed. */
const WITHOUT_DATA: Record<string, string> = {
  no_data: 'No data',
  stale: 'Stale metric',
  partial: 'Data in part',
  implausible: 'Not believed',
  no_forecast: 'No forecast',
  untrusted: 'Forecast not trusted',
  no_capacity_model: 'Capacity unknown',
  required_missing: 'A rule has no data',
  target_unknown: 'Count unknown',
};

/** Bounds that somebody has to move if more is wanted. */
const AT_LIMIT: Record<string, string> = {
  max: 'At maximum',
  quota: 'At its quota',
  ceiling: 'At a ceiling',
  dependency: 'Dependency full',
  breaker: 'Left alone',
  contested: 'Changed by others',
  zero_by_hand: 'Set to zero',
};

/** When the cooldown that runs ends, ms; null where none does. */
export function cooldownOf({ cooldown_out_until, cooldown_in_until }: Target): number | null {
  const ends = [cooldown_out_until, cooldown_in_until].flatMap((t) => (t ? [Date.parse(t)] : []));
  return ends.length ? Math.max(...ends) : null;
}

/** What a target is doing, the most pressing first. */
export function stateOf(target: Target, rule: Rule): State {
  const { action, last } = target;
  if (open(action, 'unknown')) return { tone: 'crit', icon: 'critical', word: 'Outcome unknown' };
  if (target.condition) return { tone: 'crit', icon: 'critical', word: 'Target fails' };
  if (open(action, 'proposed')) return { tone: 'accent', icon: 'hand', word: 'Needs approval' };
  if (open(action, 'pending')) return { tone: 'accent', icon: 'pulse', word: 'Scaling now' };
  if (target.pause.what !== 'none') return { tone: 'neutral', icon: 'pause', word: 'Paused' };
  if (target.current == null) return { tone: 'warn', icon: 'unknown', word: 'Count unknown' };
  const trouble = WITHOUT_DATA[rule.proposal?.bound ?? ''] ?? WITHOUT_DATA[last?.bound ?? ''];
  if (trouble) return { tone: 'warn', icon: 'clock', word: trouble };
  if (target.freeze.what !== 'none') return { tone: 'neutral', icon: 'lock', word: 'Frozen' };
  const limit = AT_LIMIT[last?.bound ?? ''];
  if (limit) return { tone: 'warn', icon: 'lock', word: limit };
  if (cooldownOf(target)) return { tone: 'neutral', icon: 'clock', word: 'Cooling down' };
  if (last?.verdict === 'held' && last.wanted !== last.current)
    return { tone: 'neutral', icon: 'held', word: 'Held' };
  if (last?.verdict === 'observe' && last.to !== last.current)
    return { tone: 'neutral', icon: 'search', word: 'Would scale' };
  if (rule.policy === 'SCHEDULED') return { tone: 'neutral', icon: 'calendar', word: 'Scheduled' };
  return { tone: 'neutral', icon: 'check', word: 'Steady' };
}

/** The band in which a rule leaves its target alone, in per cent; null where it has none. */
export function bandOf(rule: Rule): { low: number; high: number } | null {
  if (!rule.thresholds) return null;
  return { low: rule.thresholds.scale_down_pct, high: rule.thresholds.scale_up_pct };
}

export const bandWords = (band: { low: number; high: number }) =>
  `band ${roundPercent(band.low)} to ${roundPercent(band.high)}`;

/** "12 instances", "400 connections". */
export const units = (n: number | null, unit: string) => `${count(n)} ${n === 1 ? unit.replace(/s$/, '') : unit}`;

const ENDS: Record<string, string> = {
  proposed: 'waits for approval',
  observed: 'would have been done',
  pending: 'on its way',
  applied: 'done',
  not_applied: 'not done',
  failed: 'failed',
  unknown: 'outcome unknown',
  rejected: 'rejected',
  expired: 'expired',
  superseded: 'superseded',
};

/** How an action came out; a state this page does not know keeps its own name. */
export const endWord = (state: string) => ENDS[state] ?? state;
