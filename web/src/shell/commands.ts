// What the palette can find and do.
import { role, signedIn } from '../api/session';
import { link } from '../api/stream';
import { percent } from '../format/number';
import { untilLimit } from '../format/time';
import { RESOURCES } from '../format/words';
import { held, live, toggleHeld } from '../state/live';
import { toggleTheme } from '../state/prefs';
import { cellId, go, PAGES, RANGES, REACHES, TABS } from '../state/route';
import type { IconName } from '../ui/icon';
import { leave } from './account';
import { overlay } from './overlay';

export interface Command {
  group: 'Go to' | 'Do' | 'Help';
  icon: IconName;
  name: string;
  note?: string;
  keys?: string[];
  run: () => void;
}

function services(): Command[] {
  return (live.value?.services ?? []).map((service) => ({
    group: 'Go to',
    icon: 'overview',
    name: service.service,
    note: service.headroom_seconds == null ? undefined : `limit: ${untilLimit(service.headroom_seconds)}`,
    run: () => go({ tab: 'overview', svc: service.service, open: '' }),
  }));
}

function cells(): Command[] {
  return (live.value?.services ?? []).flatMap((service) =>
    RESOURCES.filter(({ type }) => service.resources[type]).map(({ type, name }): Command => ({
      group: 'Go to',
      icon: 'pulse',
      name: `${service.service}, ${name}`,
      note: `${name} ${percent(service.resources[type]?.utilization_pct)}`,
      run: () => go({ tab: 'overview', open: cellId(service.service, type) }),
    })),
  );
}

function tabs(): Command[] {
  return TABS.map((tab) => ({
    group: 'Go to',
    icon: tab.id,
    name: tab.name,
    keys: ['G', tab.id[0]!.toUpperCase()],
    run: () => go({ tab: tab.id, open: '' }),
  }));
}

function pages(): Command[] {
  return PAGES.map((page) => ({
    group: 'Go to',
    icon: page.id,
    name: page.name,
    run: () => go({ tab: page.tab, page: page.id, open: '' }),
  }));
}

function account(): Command[] {
  if (link.value === 'out')
    return [{ group: 'Do', icon: 'key', name: 'Sign in', run: () => later('sign-in') }];
  if (!signedIn.value) return [];
  return [
    {
      group: 'Do',
      icon: 'key',
      name: 'Sign out',
      note: `signed in as ${role.value}`,
      run: () => void leave(),
    },
  ];
}

/** Another dialog, once this one is gone. */
const later = (next: typeof overlay.value) => queueMicrotask(() => (overlay.value = next));

function actions(): Command[] {
  return [
    ...account(),
    { group: 'Do', icon: 'moon', name: 'Switch between light and dark', keys: ['D'], run: toggleTheme },
    { group: 'Do', icon: 'clock', name: 'Show times in UTC', run: () => go({ tz: 'utc' }) },
    { group: 'Do', icon: 'clock', name: 'Show times in the local zone', run: () => go({ tz: 'local' }) },
    {
      group: 'Do',
      icon: held.value ? 'play' : 'pause',
      name: held.value ? 'Follow live again' : 'Hold the picture',
      keys: ['.'],
      run: toggleHeld,
    },
    {
      group: 'Do',
      icon: 'overview',
      name: 'Show all services and resources',
      run: () => go({ svc: '', res: '' }),
    },
    ...REACHES.map((reach): Command => ({
      group: 'Do',
      icon: 'forecast',
      name: reach.id === 'session' ? 'Show the forecast of the next session' : `Show the forecast of ${reach.name}`,
      run: () => go({ tab: 'forecast', reach, open: '' }),
    })),
    ...RANGES.map((range): Command => ({
      group: 'Do',
      icon: 'clock',
      name: `Show the ${range.words}`,
      run: () => go({ range }),
    })),
    {
      group: 'Help',
      icon: 'keys',
      name: 'Keys',
      keys: ['?'],
      run: () => later('help'),
    },
    {
      group: 'Help',
      icon: 'link',
      name: 'Description of the HTTP API',
      run: () => void open('api/v1/openapi.json', '_blank', 'noopener'),
    },
  ];
}

const SHOWN = 12;

/** The commands that contain every word of the query, in the order of their groups. */
export function findCommands(query: string): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const all = words.length
    ? [...tabs(), ...pages(), ...services(), ...cells(), ...actions()]
    : [...tabs(), ...pages(), ...services().slice(0, 3), ...actions()];
  const hits = all.filter((command) => words.every((word) => command.name.toLowerCase().includes(word)));
  const order = { 'Go to': 0, Do: 1, Help: 2 };
  return hits.sort((a, b) => order[a.group] - order[b.group]).slice(0, SHOWN);
}
