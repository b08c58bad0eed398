// Small pictures of a policy: the signal against its band, the count in its range, the cooldown.
import type { Target } from '../api/scaling-types';
import { count, percent, roundPercent } from '../format/number';
import { span } from '../format/time';
import { daemonNow } from '../state/live';
import { cooldownOf } from './words';

const FULL_PCT = 100;
const inside = (value: number) => Math.min(100, Math.max(0, value));

interface BandProps {
  value: number | null;
  band: { low: number; high: number } | null;
  critical?: number;
}

export function Band({ value, band, critical }: BandProps) {
  const tone =
    value == null || !band ? '' : value >= (critical ?? Infinity) ? ' crit' : value > band.high ? ' warn' : '';
  const words = band ? `, band ${roundPercent(band.low)} to ${roundPercent(band.high)}` : '';
  return (
    <svg class="band" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={`${percent(value)}${words}`}>
      <rect class="track" width="100" height="8" rx="2" />
      {band && <rect class="mid" x={inside(band.low)} width={inside(band.high) - inside(band.low)} height="8" />}
      {value != null && (
        <rect class={`mark${tone}`} x={Math.min(97, inside((value / FULL_PCT) * 100) - 1.5)} width="3" height="8" />
      )}
    </svg>
  );
}

export function RangeBar({ target, to }: { target: Target; to: number | null }) {
  const { min_instances: min, max_instances: max, current } = target;
  const at = (n: number) => (max > min ? inside(((n - min) / (max - min)) * 100) : 50);
  const label =
    `${count(current)} of ${count(min)} to ${count(max)}` + (to != null && to !== current ? `, ${count(to)} wanted` : '');
  return (
    <span class="range">
      <span>{count(min)}</span>
      <svg viewBox="-6 0 112 14" role="img" aria-label={label}>
        <line class="track" x1="0" x2="100" y1="7" y2="7" />
        {current != null && to != null && to !== current && (
          <line class="way" x1={at(current)} x2={at(to)} y1="7" y2="7" />
        )}
        {current != null && <line class="now" x1={at(current)} x2={at(current)} y1="2" y2="12" />}
        {to != null && to !== current && <circle class="to" cx={at(to)} cy="7" r="3.6" />}
      </svg>
      <span>{count(max)}</span>
    </span>
  );
}

/** The ring of a cooldown that runs, and what is left of it; counts down by itself. */
export function Cooldown({ target, length }: { target: Target; length: number }) {
  const ends = cooldownOf(target);
  const left = ends == null ? 0 : (ends - daemonNow.value) / 1000;
  if (left <= 0) return null;
  const whole = Math.max(length, left);
  const turn = 2 * Math.PI * 6;
  return (
    <span class="cool" title={target.cooldown_out_until ? 'Scale-out and scale-in wait' : 'Scale-in waits'}>
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        <circle class="track" cx="9" cy="9" r="6" />
        <circle class="left" cx="9" cy="9" r="6" stroke-dasharray={`${(turn * left) / whole} ${turn}`} transform="rotate(-90 9 9)" />
      </svg>
      {span(left)} of {span(whole)}
    </span>
  );
}
