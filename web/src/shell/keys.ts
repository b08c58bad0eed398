// Keyboard shortcuts of the whole page.
import { toggleHeld } from '../state/live';
import { singleKeys, toggleTheme } from '../state/prefs';
import { go, RANGES, REACHES, route, zones, type TabId } from '../state/route';
import { overlay } from './overlay';

const TAB_KEYS: Record<string, TabId> = { o: 'overview', f: 'forecast', s: 'scaling', c: 'cost' };
const CHORD_MS = 1_500;
let chordUntil = 0;

/** The one that follows, the first after the last. */
function after<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length] as T;
}

function nextRange(): void {
  const { tab, range, reach } = route.value;
  if (tab === 'forecast') go({ reach: after(REACHES, reach) });
  else go({ range: after(RANGES, range) });
}

function focusFilter(): void {
  document.querySelector<HTMLElement>('#filter')?.focus();
}

/** Moves the focus a row down or up in the list of services. */
function moveRow(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next]?.focus();
}

const SINGLE: Record<string, () => void> = {
  '?': () => (overlay.value = 'help'),
  '/': focusFilter,
  '.': toggleHeld,
  g: () => (chordUntil = Date.now() + CHORD_MS),
  t: nextRange,
  z: () => go({ tz: after(zones.value, route.value.tz) }),
  d: toggleTheme,
  j: () => moveRow(1),
  k: () => moveRow(-1),
};

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.matches('input:not([type=checkbox]), textarea, select') || target.isContentEditable)
  );
}

function onKeyDown(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    overlay.value = overlay.value === 'palette' ? '' : 'palette';
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || overlay.value) return;
  if (event.key === 'Escape') {
    if (isTyping(event.target)) (event.target as HTMLElement).blur();
    else if (route.value.open) go({ open: '' });
    return;
  }
  if (isTyping(event.target) || !singleKeys.value) return;
  const tab = Date.now() < chordUntil ? TAB_KEYS[event.key] : undefined;
  chordUntil = 0;
  const act = tab ? () => go({ tab, open: '' }) : SINGLE[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

export function startKeys(): void {
  document.addEventListener('keydown', onKeyDown);
}
