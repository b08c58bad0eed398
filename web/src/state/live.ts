// What the daemon last said, merged from snapshots and deltas, and the clocks to read it by.
import { computed, signal } from '@preact/signals';
import { isLost, listen } from '../api/stream';
import type {
  DaemonStatus,
  DeltaMessage,
  Happening,
  ResourceMetric,
  ResourceType,
  Service,
  SnapshotMessage,
  Summary,
} from '../api/types';

const KEPT_EVENTS = 50;
const PUBLISH_EVERY_MS = 1_000; // charts and tables redraw at most once a second

export interface Live {
  summary: Summary;
  services: Service[];
  top: ResourceMetric[];
  status: DaemonStatus;
  events: Happening[];
}

/** null until the first snapshot. */
export const live = signal<Live | null>(null);
/** True while the reader holds the picture still (key "."). */
export const held = signal(false);
/** The page's clock, once a second, ms. */
export const now = signal(Date.now());
/** What to add to the page's clock to get the daemon's, ms. */
const skew = signal(0);
/** The daemon's clock, once a second, ms: ages are read by it. */
export const daemonNow = computed(() => now.value + skew.value);
/** True when what is on screen is older than the stream allows. */
export const lost = computed(() => isLost(now.value));
/** When the picture on screen was taken, Unix seconds: the right edge of charts. */
export const pictureAt = computed(
  () => Date.parse(live.value?.summary.timestamp ?? '') / 1000 || Date.now() / 1000,
);

const services = new Map<string, Service>();
let latest: Live | null = null;
let publishedAt = 0;
let publishTimer = 0;

function publish(): void {
  clearTimeout(publishTimer);
  publishTimer = 0;
  publishedAt = Date.now();
  if (latest && !held.value) live.value = latest;
}

function publishSoon(): void {
  const wait = publishedAt + PUBLISH_EVERY_MS - Date.now();
  if (wait <= 0) publish();
  else if (!publishTimer) publishTimer = window.setTimeout(publish, wait);
}

function setClock(timestamp: string): void {
  const ms = Date.parse(timestamp) - Date.now();
  // Below two seconds it is the message's travel and age, not a wrong clock.
  if (Number.isFinite(ms)) skew.value = Math.abs(ms) < 2_000 ? 0 : ms;
}

function newestFirst(events: Happening[]): Happening[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, KEPT_EVENTS);
}

function onSnapshot(message: SnapshotMessage): void {
  services.clear();
  for (const service of message.services) services.set(service.service, service);
  setClock(message.summary.timestamp);
  latest = { ...message, services: byHeadroom(), events: newestFirst(message.events) };
  publish();
}

function onDelta(message: DeltaMessage): void {
  if (!latest) return; // a tab that joined has asked for the whole
  for (const service of message.services) services.set(service.service, service);
  for (const name of message.removed) services.delete(name);
  setClock(message.summary.timestamp);
  const events = newestFirst([...message.events, ...(latest?.events ?? [])]);
  latest = { ...message, services: byHeadroom(), events };
  publishSoon();
}

function highest(service: Service): number {
  return Math.max(-1, ...Object.values(service.resources).map((cell) => cell.utilization_pct ?? -1));
}

/** The order of GET /services: least headroom first, then highest utilisation. */
function byHeadroom(): Service[] {
  const keyed = [...services.values()].map((service) => ({
    service,
    rank: service.headroom_seconds ?? Infinity,
    high: highest(service),
  }));
  keyed.sort((a, b) =>
    a.rank !== b.rank
      ? a.rank - b.rank
      : b.high - a.high || a.service.service.localeCompare(b.service.service),
  );
  return keyed.map((row) => row.service);
}

export function toggleHeld(): void {
  held.value = !held.value;
  publish();
}

/** The service of that name, if the daemon knows it. */
export function serviceNamed(name: string): Service | undefined {
  return live.value?.services.find((service) => service.service === name);
}

/** The summary of one resource over all services, if it has data. */
export function summaryOf(type: ResourceType) {
  return live.value?.summary.resources.find((resource) => resource.resource_type === type);
}

function picture(): SnapshotMessage | null {
  return latest && { ...latest, sequence: latest.summary.sequence, services: [...services.values()] };
}

/** Forgets the picture: it is not for whoever comes next. */
export function forget(): void {
  latest = null;
  services.clear();
  live.value = null;
}

export function startLive(): void {
  listen({ snapshot: onSnapshot, delta: onDelta, beat: setClock, picture });
  setInterval(() => (now.value = Date.now()), 1_000);
}
