// Where the reader is: everything that changes what is shown lives in the hash, so that
// a link shows the same page and Back works.  #/overview?svc=&res=&from=&tz=&open=, #/forecast?…&to=,
// #/scaling/decision/8f2c?…
// A page below a tab has an address of its own: #/sources?q=&sort=&tz=&open= is below the first.
import { computed, signal } from '@preact/signals';
import type { ResourceType } from '../api/types';
import { isResource } from '../format/words';
import { market } from './market';
import { rememberZone, rememberedZone } from './prefs';

export const TABS = [
  { id: 'overview', name: 'Resource Overview', short: 'Overview' },
  { id: 'forecast', name: 'Demand Forecast', short: 'Forecast' },
  { id: 'scaling', name: 'Scaling Policies', short: 'Scaling' },
  { id: 'cost', name: 'Cost Analysis', short: 'Cost' },
] as const;
export type TabId = (typeof TABS)[number]['id'];

export const PAGES = [{ id: 'sources', tab: 'overview', name: 'Sources and discovery' }] as const;
export type PageId = (typeof PAGES)[number]['id'];

export const RANGES = [
  { id: '1h', name: '1\u00a0h', words: 'last hour', seconds: 3_600 },
  { id: '6h', name: '6\u00a0h', words: 'last 6 h', seconds: 6 * 3_600 },
  { id: '24h', name: '24\u00a0h', words: 'last 24 h', seconds: 86_400 },
  { id: '7d', name: '7\u00a0d', words: 'last 7 days', seconds: 7 * 86_400 },
  { id: '30d', name: '30\u00a0d', words: 'last 30 days', seconds: 30 * 86_400 },
] as const;
export type Range = (typeof RANGES)[number];

export type Zone = 'market' | 'local' | 'utc';

/** How far ahead forecasts are looked at, and as far back. */
export const REACHES = [
  { id: 'session', name: 'Next session', seconds: 86_400 },
  { id: '3d', name: '3\u00a0d', seconds: 3 * 86_400 },
  { id: '7d', name: '7\u00a0d', seconds: 7 * 86_400 },
  { id: '14d', name: '14\u00a0d', seconds: 14 * 86_400 },
] as const;
export type Reach = (typeof REACHES)[number];

export interface Route {
  tab: TabId;
  page: PageId | ''; // a page below the tab; '' is the tab itself
  q: string; // what the page is filtered by
  sort: string; // the column it is sorted by; '-' before it is downwards
  svc: string; // '' is all
  res: ResourceType | ''; // '' is all
  range: Range;
  reach: Reach; // of the forecast tab
  tz: Zone;
  open: string; // the drawer: '' or 'host/CPU', 'events', 'top'
  decision: string; // of the scaling tab: the decision that is explained; '' is the newest
}

const USUAL_RANGE: Range = RANGES[2];

export function parseHash(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [name = '', what, id = ''] = path.split('/');
  const q = new URLSearchParams(query);
  const res = q.get('res')?.toUpperCase() ?? '';
  const from = q.get('from')?.replace(/^now-/, '');
  const tz = q.get('tz');
  const page = PAGES.find((p) => p.id === name);
  return {
    tab: page?.tab ?? TABS.find((tab) => tab.id === name)?.id ?? 'overview',
    page: page?.id ?? '',
    q: q.get('q') ?? '',
    sort: q.get('sort') ?? '',
    svc: q.get('svc') ?? '',
    res: isResource(res) ? res : '',
    range: RANGES.find((range) => range.id === from) ?? USUAL_RANGE,
    reach: REACHES.find(({ id }) => id === q.get('to')?.replace(/^now\+/, '')) ?? REACHES[0],
    tz: tz === 'utc' || tz === 'local' || tz === 'market' ? tz : rememberedZone(),
    open: q.get('open') ?? '',
    decision: name === 'scaling' && what === 'decision' ? id : '',
  };
}

export function formatHash(route: Route): string {
  const q = new URLSearchParams();
  if (route.page && route.q) q.set('q', route.q);
  if (route.page && route.sort) q.set('sort', route.sort);
  if (route.svc) q.set('svc', route.svc);
  if (route.res) q.set('res', route.res.toLowerCase());
  if (route.tab === 'forecast') q.set('to', (route.reach.id === 'session' ? '' : 'now+') + route.reach.id);
  q.set('from', 'now-' + route.range.id);
  q.set('tz', route.tz);
  if (route.open) q.set('open', route.open);
  const decision = route.tab === 'scaling' && route.decision ? `/decision/${route.decision}` : '';
  return `#/${route.page || route.tab}${decision}?${q}`;
}

export const route = signal<Route>(parseHash(location.hash));
export const tz = computed(() => route.value.tz);
/** The zones there are to choose from: the market's, once there is one. */
export const zones = computed<Zone[]>(() => [...(market.value ? ['market' as const] : []), 'local', 'utc']);
export const range = computed(() => route.value.range);

/** Changes part of the route; the reader can go back to what was before, unless it only replaces. */
export function go(change: Partial<Route>, how: 'push' | 'replace' = 'push'): void {
  const leaves = change.tab ? { page: '' as const, q: '', sort: '', decision: '' } : {};
  const next = { ...route.value, ...leaves, ...change };
  if (change.tz) rememberZone(change.tz);
  const hash = formatHash(next);
  if (hash === location.hash) return;
  if (how === 'push') history.pushState(null, '', hash);
  else history.replaceState(null, '', hash);
  route.value = next;
  if (change.tab) scrollTo(0, 0);
}

function followAddress(): void {
  route.value = parseHash(location.hash);
}

export function startRoute(): void {
  addEventListener('hashchange', followAddress);
  addEventListener('popstate', followAddress);
}

/** The cell a drawer is open for, or null. */
export const openCell = computed(() => {
  const open = route.value.open;
  const slash = open.lastIndexOf('/');
  const type = open.slice(slash + 1);
  return slash > 0 && isResource(type) ? { service: open.slice(0, slash), type } : null;
});

export const cellId = (service: string, type: ResourceType) => `${service}/${type}`;

/** What goes to a page: by name, so that every way there is the same. */
export const goSources = (sort = '') => go({ tab: 'overview', page: 'sources', sort, open: '' });
