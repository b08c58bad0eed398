// Which series the forecast tab shows: the one the address names, else the one that is most likely
// to come to its capacity.
import { computed, signal } from '@preact/signals';
import type { ExpectedPeak } from '../api/forecast-types';
import type { ResourceType } from '../api/types';
import { RESOURCES } from '../format/words';
import { live } from '../state/live';
import { route } from '../state/route';

export interface Chosen {
  service: string;
  type: ResourceType;
}

/** The peaks the daemon expects, one per series; null until it has said so. */
export const expected = signal<ExpectedPeak[] | null>(null);

const share = ({ value, capacity }: ExpectedPeak) => (capacity ? value / capacity : 0);

/** The most likely to exceed its capacity first, then the nearest to it. */
export function byRisk(a: ExpectedPeak, b: ExpectedPeak): number {
  return (b.exceeds_capacity ?? -1) - (a.exceeds_capacity ?? -1) || share(b) - share(a);
}

/** Of what has no forecast: the first resource of the service named, or of the tightest one. */
function withoutForecast(svc: string, res: ResourceType | ''): Chosen | null {
  const services = live.value?.services ?? [];
  const service = services.find((s) => (svc ? s.service === svc : !res || s.resources[res]));
  const type = res || RESOURCES.find((r) => service?.resources[r.type])?.type;
  return service && type ? { service: service.service, type } : null;
}

const isSame = (a: Chosen, b: Chosen) => a.service === b.service && a.type === b.type;
/** What was found for an address: it does not change under the reader's eyes. */
const found = new Map<string, Chosen>();

export const chosen = computed<Chosen | null>(() => {
  const { svc, res } = route.value;
  if (svc && res) return { service: svc, type: res };
  const address = `${svc} ${res}`;
  const last = found.get(address);
  const mayBe = (expected.value ?? [])
    .filter((p) => (!svc || p.service === svc) && (!res || p.resource_type === res))
    .sort(byRisk)
    .map((p): Chosen => ({ service: p.service, type: p.resource_type }));
  const before = mayBe.find((one) => last && isSame(one, last));
  const now = before ?? mayBe[0] ?? (expected.value ? withoutForecast(svc, res) : null);
  if (last && now && isSame(last, now)) return last;
  if (now) found.set(address, now);
  return now;
});
