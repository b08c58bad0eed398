// The highest value to expect: how much, when, how surely, and whether there is room for it.
import type { Forecast, Peak } from '../api/forecast-types';
import { amount, percent } from '../format/number';
import { moment, span } from '../format/time';
import { daemonNow, serviceNamed } from '../state/live';
import { go, tz } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Icon } from '../ui/icon';
import type { Tone } from './judged';
import { chance, levelWords, LIKELY } from './words';

const NOTABLE = 0.05;

/** By the chance where there is one, else by the bounds. */
function verdict({ exceeds_capacity: p, capacity, value, upper_95 }: Peak): { css: Tone; word: string } {
  if (capacity == null) return { css: 'unknown', word: 'Capacity unknown' };
  if (p == null ? value > capacity : p >= LIKELY) return { css: 'critical', word: 'Exceeds capacity' };
  return (p == null ? (upper_95 ?? value) > capacity : p >= NOTABLE)
    ? { css: 'warning', word: 'May exceed capacity' }
    : { css: 'healthy', word: 'Enough capacity' };
}

function Stat({ name, value, css }: { name: string; value: string; css?: string }) {
  return (
    <div class="stat">
      <dt>{name}</dt>
      <dd class={css}>{value}</dd>
    </div>
  );
}

export function NextPeak({ forecast }: { forecast: Forecast }) {
  const { peak, unit, points, service, resource_type } = forecast;
  const at = Date.parse(peak.timestamp);
  const ahead = at / 1000 - daemonNow.value / 1000;
  const point = points.find((p) => p.timestamp === peak.timestamp);
  const { css, word } = verdict(peak);
  const instances = serviceNamed(service)?.instances;
  const free = peak.capacity == null ? null : peak.capacity - peak.value;
  const reach = span((Date.parse(points[points.length - 1]?.timestamp ?? forecast.origin) - at) / 1000 + ahead);
  const figure = amount(peak.value, unit);
  const [number, ...rest] = figure.split('\u00a0');
  const between = (lower: number | null | undefined, upper: number | null | undefined) =>
    lower == null || upper == null ? '–' : `${amount(lower, unit)} to ${amount(upper, unit)}`;
  return (
    <Card
      title="Next peak"
      sub={`of ${reach}`}
      padded
      css="nextpeak"
      controls={
        <span class={`st st-${css}`}>
          <Icon name={css} size={14} />
          {word}
        </span>
      }
    >
      <div class="hero">
        {number} {rest.length > 0 && <small>{rest.join(' ')}</small>}
      </div>
      <p class="when">
        {moment(at, tz.value)}, {ahead > 0 ? `in ${span(ahead)}` : 'in this step'}
      </p>
      <dl>
        {point?.upper_80 != null && (
          <Stat name={`80\u00a0% interval then`} value={between(point.lower_80, point.upper_80)} />
        )}
        <Stat
          name={`${levelWords(forecast)} interval then`}
          value={between(point?.confidence_lower, point?.confidence_upper)}
        />
        <Stat name={'No higher, 95\u00a0% sure'} value={amount(peak.upper_95, unit)} />
        <Stat
          name="Chance above capacity"
          value={chance(peak.exceeds_capacity)}
          css={css === 'critical' || css === 'warning' ? css : undefined}
        />
        <Stat
          name={instances ? `Capacity, ${instances} ${instances === 1 ? 'instance' : 'instances'}` : 'Capacity'}
          value={amount(peak.capacity, unit)}
        />
        {free != null && (
          <Stat
            name={free < 0 ? 'Short by' : 'Free at the peak'}
            value={free < 0 ? amount(-free, unit) : `${amount(free, unit)}, ${percent((100 * free) / peak.capacity!)}`}
            css={free < 0 ? 'critical' : undefined}
          />
        )}
      </dl>
      <p class="note">
        The highest of all steps ahead. It may well be above the highest median in the chart, as any of them can come
        out high.
      </p>
      <div class="acts">
        <Button icon="pulse" onClick={() => go({ open: `${service}/${resource_type}` })}>
          See what it is now
        </Button>
      </div>
    </Card>
  );
}
