// The three kinds of time to limit, per instance and part, never mixed.
import { get } from '../api/client';
import type { Limit, ResourceType } from '../api/types';
import { useFetch } from '../chart/use-fetch';
import { amount, used } from '../format/number';
import { untilLimit, urgency } from '../format/time';
import { place } from '../format/words';
import { Failed } from '../ui/failed';
import { Skeleton } from '../ui/skeleton';

const REFRESH_SECONDS = 60;
const ROWS = 20;

function trend(limit: Limit): string {
  if (limit.trend_per_day == null) return limit.basis;
  const sign = limit.trend_per_day > 0 ? '+' : '';
  return `${sign}${amount(limit.trend_per_day, limit.unit)} a day, ${limit.basis}`;
}

function Kind({ name, limit, seconds }: { name: string; limit: Limit; seconds: number | null }) {
  const none = limit.state === 'BEYOND' || limit.state === 'OK';
  const text = seconds != null ? untilLimit(seconds) : none ? untilLimit(null) : '–';
  return (
    <div class="stat">
      <dt>{name}</dt>
      <dd class={urgency(seconds)} title={text === '–' ? limit.basis : undefined}>
        {text}
      </dd>
    </div>
  );
}

const STATES: Record<Limit['state'], string> = {
  OK: '',
  BEYOND: 'Flat, falling, or more than 90 days away.',
  LEARNING: 'Too little history for a trend.',
  NO_CAPACITY: 'Capacity unknown, so there is no limit to reach.',
};

function One({ limit }: { limit: Limit }) {
  return (
    <div class="limit">
      <div class="lh">
        <b>{place(limit.instance, limit.part)}</b>
        <span>{used(limit.current_value, limit.capacity, limit.unit)}</span>
      </div>
      {limit.state !== 'NO_CAPACITY' && (
        <dl class="stats">
          <Kind name="To critical" limit={limit} seconds={limit.to_critical_seconds} />
          <Kind name="To capacity" limit={limit} seconds={limit.to_capacity_seconds} />
          {limit.to_ceiling_seconds != null && (
            <Kind name="To ceiling" limit={limit} seconds={limit.to_ceiling_seconds} />
          )}
        </dl>
      )}
      <p class="note">
        {STATES[limit.state]} {limit.state !== 'NO_CAPACITY' && trend(limit)}
      </p>
    </div>
  );
}

export function Limits({ service, type }: { service: string; type: ResourceType }) {
  const fetched = useFetch(`${service} ${type}`, REFRESH_SECONDS, () =>
    get<{ items: Limit[] }>('limits', { service, resource_type: type }),
  );
  if (fetched.error && !fetched.data) return <Failed error={fetched.error} retry={fetched.retry} />;
  if (!fetched.data) return <Skeleton height={90} />;
  const mine = fetched.data.items.filter(
    (limit) => limit.service === service && limit.resource_type === type,
  );
  if (!mine.length) return <p class="note">No trend is kept for this resource.</p>;
  return (
    <>
      {mine.slice(0, ROWS).map((limit) => (
        <One key={`${limit.instance} ${limit.part}`} limit={limit} />
      ))}
      {mine.length > ROWS && (
        <p class="note">
          {mine.length - ROWS} more:{' '}
          <code class="mono">
            loadline metrics {service} {type}
          </code>
        </p>
      )}
    </>
  );
}
