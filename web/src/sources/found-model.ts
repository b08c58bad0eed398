// Which of the services found are shown, and in which order.
import type { FoundService } from '../api/types';

export const ORDERS = ['name', 'kind', 'source', 'rule', 'ready', 'cpu', 'memory', 'start'] as const;
export type Order = (typeof ORDERS)[number];
export const USUAL_ORDER = 'name';

type Key = string | number | null;

/** Share of the wanted instances that is ready: the lowest matters most. */
const readiness = ({ ready, desired }: FoundService): Key =>
  ready == null || desired == null ? null : desired === 0 ? 1 : ready / desired;

const KEYS: Record<Order, (s: FoundService) => Key> = {
  name: (s) => s.service,
  kind: (s) => s.kind || null,
  source: (s) => s.source || null,
  rule: (s) => s.rule || null,
  ready: readiness,
  cpu: (s) => s.requests?.CPU ?? null,
  memory: (s) => s.requests?.MEMORY ?? null,
  start: (s) => (s.newest_start ? Date.parse(s.newest_start) : null),
};

const collator = new Intl.Collator('en', { numeric: true });

/** Unknown comes last in both directions. */
function compare(a: Key, b: Key, sign: number): number {
  if (a == null || b == null) return Number(a == null) - Number(b == null);
  if (typeof a === 'string' || typeof b === 'string') return sign * collator.compare(String(a), String(b));
  return sign * (a - b);
}

export function sorted(services: FoundService[], order: string): FoundService[] {
  const sign = order[0] === '-' ? -1 : 1;
  const key = KEYS[order.replace(/^-/, '') as Order] ?? KEYS.name;
  return services
    .map((service) => ({ service, key: key(service) }))
    .sort((a, b) => compare(a.key, b.key, sign) || collator.compare(a.service.service, b.service.service))
    .map((row) => row.service);
}

/** Those that have every word of the query in name, kind, source or rule. */
export function matching(services: FoundService[], query: string): FoundService[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return services;
  return services.filter((s) => {
    const text = `${s.service} ${s.kind ?? ''} ${s.source ?? ''} ${s.rule}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
