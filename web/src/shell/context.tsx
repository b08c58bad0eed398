// The context row: which service and resource, how far back, in which time zone, and the clock.
// The Market zone appears with the first series that has a calendar.
import { RESOURCES } from '../format/words';
import { clock, day, zoneName } from '../format/time';
import { chosen } from '../forecast/chosen';
import { daemonNow, live, serviceNamed } from '../state/live';
import { go, RANGES, REACHES, route, zones, type Zone } from '../state/route';
import type { ResourceType } from '../api/types';
import { Segments } from '../ui/segments';
import { Select } from '../ui/select';

const ZONES: Record<Zone, string> = { market: 'Market', local: 'Local', utc: 'UTC' };

function Clock() {
  const ms = daemonNow.value;
  const zone = route.value.tz;
  return (
    <div class="clock">
      <b>{clock(ms, zone)}</b> {zoneName(zone, ms)}, {day(ms, zone)}
    </div>
  );
}

function serviceItems(shown: string) {
  const names = (live.value?.services ?? []).map((service) => service.service).sort();
  if (shown && !names.includes(shown)) names.unshift(shown);
  return [
    { id: '', name: `All ${live.value?.services.length ?? ''}`.trim() },
    ...names.map((name) => ({ id: name, name })),
  ];
}

const RESOURCE_ITEMS = [
  { id: '', name: `All ${RESOURCES.length}` },
  ...RESOURCES.map(({ type, name }) => ({ id: type as string, name })),
];

/** What the tab shows; a page below it is about everything. */
function Choices() {
  const { svc, res, range } = route.value;
  return (
    <>
      <Select label="Service" items={serviceItems(svc)} chosen={svc} choose={(id) => go({ svc: id })} />
      <Select
        label="Resource"
        items={RESOURCE_ITEMS}
        chosen={res}
        choose={(id) => go({ res: id as ResourceType | '' })}
      />
      <Segments
        label="Time range"
        items={RANGES}
        chosen={range.id}
        choose={(id) => go({ range: RANGES.find((r) => r.id === id) })}
      />
    </>
  );
}

/** A forecast is of one series: the one that is shown, also where the address names none. */
function ForecastChoices() {
  const { svc, res, reach } = route.value;
  const service = svc || chosen.value?.service || '';
  const type = res || chosen.value?.type || '';
  const has = serviceNamed(service)?.resources;
  return (
    <>
      <Select
        label="Service"
        items={serviceItems(service).filter(({ id }) => id)}
        chosen={service}
        choose={(id) => go({ svc: id, res: serviceNamed(id)?.resources[type as ResourceType] ? res : '' })}
      />
      <Select
        label="Resource"
        items={RESOURCE_ITEMS.filter(({ id }) => id && (id === type || !has || has[id as ResourceType]))}
        chosen={type}
        choose={(id) => go({ svc: service, res: id as ResourceType })}
      />
      <Segments
        label="Time range"
        items={REACHES}
        chosen={reach.id}
        choose={(id) => go({ reach: REACHES.find((r) => r.id === id) })}
      />
    </>
  );
}

export function Context() {
  const { page, tab, tz } = route.value;
  const items = zones.value.map((id) => ({ id, name: ZONES[id] }));
  const known = zones.value.includes(tz) ? tz : 'utc'; // a market that is not known yet
  return (
    <section class="ctx" aria-label="What is shown">
      {!page && (tab === 'forecast' ? <ForecastChoices /> : <Choices />)}
      <Segments label="Time zone" items={items} chosen={known} choose={(id) => go({ tz: id })} />
      <Clock />
    </section>
  );
}
