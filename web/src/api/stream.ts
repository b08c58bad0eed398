// The live stream as the page sees it: shared by the tabs, closed in a tab that is not looked at.
import { signal } from '@preact/signals';
import { refusals } from './client';
import { askWhoWeAre, role, signedIn } from './session';
import { Share } from './share';
import { LOST_MS, Source, type EventName, type Link } from './source';
import type { DeltaMessage, SnapshotMessage } from './types';

const HIDDEN_CLOSE_MS = 60_000;
const SESSION_MS = 30_000; // a stream outlives the session it was opened with
const SILENT_MS = 20_000; // a leading tab says something each 10 s even without the daemon

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
  /** Everything heard so far as one snapshot, for a tab that joins; null before the first. */
  picture(): SnapshotMessage | null;
}

let listener: Listener;
let hiddenTimer = 0;
let leaderAt = 0; // when the leading tab, this one or another, last said anything

/** A tab that only listens does not ask by itself. */
function learnRole(): void {
  if (role.value === null) askWhoWeAre().catch(() => {}); // only shown, and asked for again
}

function onMessage(event: EventName, data: unknown): void {
  if (event === 'snapshot') learnRole();
  leaderAt = heardAt.value = Date.now();
  link.value = 'live';
  retryAt.value = 0;
  if (event === 'snapshot') listener.snapshot(data as SnapshotMessage);
  else if (event === 'delta') listener.delta(data as DeltaMessage);
  else if (event === 'heartbeat') listener.beat((data as { timestamp: string }).timestamp);
  // resync: what we have stays on screen until the snapshot that follows
}

function onLink(state: Link, next: number): void {
  leaderAt = Date.now();
  link.value = state;
  retryAt.value = next;
}

const source = new Source(
  {
    message(event, data) {
      onMessage(event, data);
      share.say({ kind: 'message', event, data });
    },
    link(state, next) {
      onLink(state, next);
      share.say({ kind: 'link', link: state, retryAt: next });
    },
  },
  askWhoWeAre,
);

const share = new Share({
  lead: () => source.open(),
  rest: () => source.close(),
  message: onMessage,
  link: onLink,
  hello() {
    const data = listener.picture();
    if (data && link.value === 'live') share.say({ kind: 'message', event: 'snapshot', data });
    else share.say({ kind: 'link', link: link.value, retryAt: retryAt.value });
  },
  again: () => source.open(),
});

function hibernate(): void {
  share.leave();
  link.value = 'paused';
  retryAt.value = 0;
}

function wake(): void {
  leaderAt = Date.now();
  link.value = heardAt.value ? 'reconnecting' : 'connecting';
  share.join();
}

function onVisibility(): void {
  clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = window.setTimeout(hibernate, HIDDEN_CLOSE_MS);
  else if (link.value === 'paused') wake();
}

function watchLeader(): void {
  const silent = Date.now() - leaderAt > SILENT_MS;
  if (!silent || share.leading || document.hidden || link.value === 'paused' || link.value === 'out') return;
  leaderAt = Date.now();
  share.join(true);
}

/** Connects at once instead of waiting for the next attempt. */
export function tryNow(): void {
  if (share.leading) source.open();
  else share.say({ kind: 'again' });
}

/** The daemon does not know us any more: nothing comes until somebody signs in. */
export function cutOff(): void {
  if (share.leading) source.close();
  onLink('out', 0);
  share.say({ kind: 'link', link: 'out', retryAt: 0 });
}

async function checkSession(): Promise<void> {
  if (link.value === 'out' || link.value === 'paused') return;
  try {
    if (!(await askWhoWeAre())) cutOff();
  } catch {
    // no answer at all: that is the link's to tell
  }
}

/** Starts listening; called once. */
export function listen(to: Listener): void {
  listener = to;
  wake();
  refusals.subscribe((n) => void (n > 0 && checkSession()));
  setInterval(() => void (signedIn.value && checkSession()), SESSION_MS);
  setInterval(watchLeader, 1_000);
  document.addEventListener('visibilitychange', onVisibility);
}

/** True when what is on screen is older than the stream allows. */
export function isLost(now: number): boolean {
  return heardAt.value > 0 && link.value !== 'paused' && now - heardAt.value > LOST_MS;
}
