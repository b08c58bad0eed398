// A bullet meter: value bar, warning and critical zones, a tick at the p95 of 7 days.
import { percent } from '../format/number';
import { STATUS } from '../format/words';
import type { Status } from '../api/types';
import type { Meter } from './meter-model';

const clamp = (pct: number) => Math.min(100, Math.max(0, pct));

function zone(css: string, from: number, to: number) {
  return (
    <i class={css} style={{ left: `${clamp(from)}%`, width: `${Math.max(0, clamp(to) - clamp(from))}%` }} />
  );
}

/** The colour of the bar is the bar's own: the worst instance may be worse than the sum. */
function ownStatus({ pct, warning, critical, status }: Meter): Status {
  if (pct == null || warning == null || critical == null) return status;
  return pct >= critical
    ? 'CRITICAL'
    : pct >= warning
      ? 'WARNING'
      : status.endsWith('PROVISIONED')
        ? status
        : 'HEALTHY';
}

export function Bullet({ meter }: { meter: Meter }) {
  const { pct, warning, critical, p95, word, stale } = meter;
  return (
    <div
      class="meter"
      role="meter"
      aria-label={`${word.name} utilization`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={clamp(pct ?? 0)}
      aria-valuetext={pct == null ? 'No data' : percent(pct)}
    >
      {pct != null && warning != null && zone('mz w', warning, critical ?? 100)}
      {pct != null && critical != null && zone('mz c', critical, 100)}
      {pct != null && (
        <i
          class={`mv ${stale ? 's-stale' : 's-' + STATUS[ownStatus(meter)].css}`}
          style={{ width: `${clamp(pct)}%` }}
        />
      )}
      {p95 != null && (
        <i
          class="mt"
          style={{ left: `${clamp(p95)}%` }}
          title={`95th percentile of 7 days: ${percent(p95)}`}
        />
      )}
    </div>
  );
}
