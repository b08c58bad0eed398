// The context row: which service and resource, how far back, in which time zone, and the clock.
// The Market zone and the market ribbon appear with the first configured calendar.
import { RESOURCES } from '../format/words';
import { clock, day, zoneName } from '../format/time';
import { daemonNow, live } from '../state/live';
import { go, RANGES, route, type Zone } from '../state/route';
import type { ResourceType } from '../api/types';
import { Segments } from '../ui/segments';
import { Select } from '../ui/select';

const ZONES: { id: Zone; name: string }[] = [
  { id: 'local', name: 'Local' },
  { id: 'utc', name: 'UTC' },
];

function Clock() {
  const ms = daemonNow.value;
  const zone = route.value.tz;
  return (
    <div class="clock">
      <b>{clock(ms, zone)}</b> {zoneName(zone, ms)}, {day(ms, zone)}
    </div>
  );
}

function serviceItems() {
  const names = (live.value?.services ?? []).map((service) => service.service).sort();
  if (route.value.svc && !names.includes(route.value.svc)) names.unshift(route.value.svc);
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
      <Select label="Service" items={serviceItems()} chosen={svc} choose={(id) => go({ svc: id })} />
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

export function Context() {
  const { page, tz } = route.value;
  return (
    <section class="ctx" aria-label="What is shown">
      {!page && <Choices />}
      <Segments label="Time zone" items={ZONES} chosen={tz} choose={(id) => go({ tz: id })} />
      <Clock />
    </section>
  );
}
