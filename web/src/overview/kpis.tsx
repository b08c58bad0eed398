// The KPI strip.  A figure that waits for a part not built yet is named, not invented.
import type { ComponentChildren } from 'preact';
import type { Status } from '../api/types';
import { byRisk, expected } from '../forecast/chosen';
import { useExpected } from '../forecast/use-expected';
import { chance, LIKELY } from '../forecast/words';
import { amount, count, percentDigits, used } from '../format/number';
import { moment, untilLimit, urgency } from '../format/time';
import { place, resourceWord, STATUS, STATUS_ORDER } from '../format/words';
import type { Live } from '../state/live';
import { cellId, go, tz } from '../state/route';
import { StatusMark } from '../ui/status';

function Kpi({ label, css = '', children }: { label: string; css?: string; children: ComponentChildren }) {
  return (
    <div class={'kpi ' + css}>
      <div class="l">{label}</div>
      {children}
    </div>
  );
}

function Health({ data }: { data: Live }) {
  const { counts, cells } = data.summary;
  const present = STATUS_ORDER.filter((status) => counts[status] > 0);
  return (
    <Kpi label={`Health, ${count(cells)} ${cells === 1 ? 'resource' : 'resources'}`}>
      <div
        class="hbar"
        role="img"
        aria-label={present.map((s) => `${counts[s]} ${STATUS[s].word.toLowerCase()}`).join(', ')}
      >
        {present.map((s) => (
          <i key={s} class={'f-' + STATUS[s].css} style={{ flexGrow: counts[s] }} />
        ))}
      </div>
      <div class="n marks">
        {present.map((s: Status) => (
          <StatusMark key={s} status={s} text={count(counts[s])} />
        ))}
      </div>
    </Kpi>
  );
}

function LeastHeadroom({ data }: { data: Live }) {
  const least = data.summary.least_headroom;
  return (
    <Kpi label="Least headroom">
      <div class={'v ' + urgency(least?.seconds ?? null)}>{untilLimit(least?.seconds ?? null)}</div>
      <div class="n el">
        {least
          ? place(
              least.service,
              resourceWord(least.resource_type).name,
              least.part,
              `to ${least.kind.toLowerCase()}`,
            )
          : 'No limit in sight within 90 days'}
      </div>
    </Kpi>
  );
}

function Tightest({ data }: { data: Live }) {
  const top = data.top[0];
  if (!top)
    return (
      <Kpi label="Tightest now">
        <div class="v" title="No series with a known capacity has fresh data">
          –
        </div>
        <div class="n">No capacity known yet</div>
      </Kpi>
    );
  return (
    <Kpi label="Tightest now">
      <div class="v">
        {percentDigits(top.utilization_pct)}{' '}
        <small>%, {used(top.current_value, top.capacity, top.unit)}</small>
      </div>
      <div class="n el">
        <button type="button" class="lk" onClick={() => go({ open: cellId(top.service, top.resource_type) })}>
          {place(top.service, resourceWord(top.resource_type).name, top.part)}
        </button>
      </div>
    </Kpi>
  );
}

function Instances({ data }: { data: Live }) {
  const { instances, services, series } = data.summary;
  return (
    <Kpi label="Instances">
      <div class="v">
        {count(instances)}{' '}
        <small>
          of {count(services)} {services === 1 ? 'service' : 'services'}
        </small>
      </div>
      <div class="n el">{count(series)} series watched</div>
    </Kpi>
  );
}

/** Of all series the one that is likeliest to come to its capacity. */
function NextPeak() {
  useExpected();
  const peak = [...(expected.value ?? [])].sort(byRisk)[0];
  if (!peak)
    return (
      <Kpi label="Next forecast peak">
        <div class="v" title="A first forecast takes two hours of samples">
          –
        </div>
        <div class="n">{expected.value ? 'No forecast yet: two hours of data make one' : ''}</div>
      </Kpi>
    );
  const { service, resource_type, value, unit, timestamp, exceeds_capacity } = peak;
  const at = moment(Date.parse(timestamp), tz.value);
  return (
    <Kpi label="Next forecast peak">
      <div class={'v ' + (exceeds_capacity != null && exceeds_capacity >= LIKELY ? 'critical' : '')}>
        {amount(value, unit)}
        {exceeds_capacity != null && <small>, {chance(exceeds_capacity)} above capacity</small>}
      </div>
      <div class="n el">
        <button
          type="button"
          class="lk"
          title={at}
          onClick={() => go({ tab: 'forecast', svc: service, res: resource_type, open: '' })}
        >
          {place(service, resourceWord(resource_type).name)}, {at}
        </button>
      </div>
    </Kpi>
  );
}

export function Kpis({ data }: { data: Live }) {
  return (
    <section class="card s12 kpis" aria-label="Summary">
      <Health data={data} />
      <LeastHeadroom data={data} />
      <Tightest data={data} />
      <Instances data={data} />
      <NextPeak />
      <Kpi label="Not shown yet" css="later">
        <div class="n">Spend waits for a price book.</div>
      </Kpi>
    </section>
  );
}
