// The one EventSource of the page: messages in, a state of the link out.
//
// It counts as lost when nothing, not even a heartbeat, came for 12 s.  We reconnect
// ourselves rather than let the browser do it: a browser gives up for good on an HTTP
// error, and it does not notice a connection that is open and silent.
import { signal } from '@preact/signals';
import { apiUrl } from './client';
import type { DeltaMessage, SnapshotMessage } from './types';

export type Link = 'connecting' | 'live' | 'reconnecting' | 'paused';

const LOST_MS = 12_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 10_000;
const HIDDEN_CLOSE_MS = 60_000;

/** What the link is doing. */
export const link = signal<Link>('connecting');
/** When the last message came, in ms of the page's clock; 0 before the first. */
export const heardAt = signal(0);
/** When the next attempt is made, in ms of the page's clock; 0 while connected. */
export const retryAt = signal(0);

export interface Listener {
  snapshot(message: SnapshotMessage): void;
  delta(message: DeltaMessage): void;
  beat(timestamp: string): void;
}

let source: EventSource | null = null;
let listener: Listener;
let retryMs = FIRST_RETRY_MS;
let retryTimer = 0;
let hiddenTimer = 0;
let openedAt = 0;

function heard(): void {
  heardAt.value = Date.now();
  link.value = 'live';
  retryAt.value = 0;
  retryMs = FIRST_RETRY_MS;
}

function on<T>(from: EventSource, event: string, use: (data: T) => void): void {
  from.addEventListener(event, (message) => {
    if (from !== source) return; // the last word of a connection already given up
    heard();
    use(JSON.parse((message as MessageEvent<string>).data) as T);
  });
}

function retryLater(): void {
  source?.close();
  source = null;
  clearTimeout(retryTimer);
  link.value = heardAt.value ? 'reconnecting' : 'connecting';
  retryAt.value = Date.now() + retryMs;
  retryTimer = window.setTimeout(connect, retryMs);
  retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
}

function connect(): void {
  clearTimeout(retryTimer);
  source?.close();
  retryAt.value = 0;
  const from = (source = new EventSource(apiUrl('stream')));
  on<SnapshotMessage>(from, 'snapshot', (m) => listener.snapshot(m));
  on<DeltaMessage>(from, 'delta', (m) => listener.delta(m));
  on<{ timestamp: string }>(from, 'heartbeat', (m) => listener.beat(m.timestamp));
  on(from, 'resync', () => {}); // what we have stays on screen until the snapshot that follows
  from.onerror = () => from === source && retryLater();
  openedAt = Date.now();
}

function watch(): void {
  const since = Date.now() - Math.max(heardAt.value, openedAt);
  if (source && since > LOST_MS) retryLater();
}

function hibernate(): void {
  clearTimeout(retryTimer);
  source?.close();
  source = null;
  link.value = 'paused';
  retryAt.value = 0;
}

function onVisibility(): void {
  clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = window.setTimeout(hibernate, HIDDEN_CLOSE_MS);
  else if (link.value === 'paused') connect();
}

/** Connects at once instead of waiting for the next attempt. */
export function tryNow(): void {
  retryMs = FIRST_RETRY_MS;
  connect();
}

/** Starts listening; called once. */
export function listen(to: Listener): void {
  listener = to;
  connect();
  setInterval(watch, 1_000);
  document.addEventListener('visibilitychange', onVisibility);
}

/** True when what is on screen is older than the stream allows. */
export function isLost(now: number): boolean {
  return heardAt.value > 0 && link.value !== 'paused' && now - heardAt.value > LOST_MS;
}
