// The header: mark, environment, tabs, search, live dot, theme.
import { live } from '../state/live';
import { theme, toggleTheme } from '../state/prefs';
import { route, TABS } from '../state/route';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Mark } from '../ui/mark';
import { Account } from './account';
import { LiveDot } from './live-dot';
import { overlay } from './overlay';
import { tabLink } from './tab-link';

/** How many proposals wait for a person. */
export function Waits() {
  const n = live.value?.status.scaling?.proposals ?? 0;
  return n > 0 ? (
    <span class="waits" title={n === 1 ? 'A proposal waits' : `${n} proposals wait`}>
      {n}
      <span class="sr"> waiting</span>
    </span>
  ) : null;
}

export function Header() {
  const environment = live.value?.summary.environment;
  return (
    <header class="hd">
      <div class="brand">
        <Mark />
        Loadline
        {environment && <span class="env">{environment}</span>}
      </div>
      <nav class="tabs" aria-label="Main">
        {TABS.map((tab) => (
          <a key={tab.id} {...tabLink(tab.id, route.value)}>
            {tab.name}
            {tab.id === 'scaling' && <Waits />}
          </a>
        ))}
      </nav>
      <span class="sp" />
      <div class="hr">
        <button
          type="button"
          class="kbd"
          aria-keyshortcuts="Control+K Meta+K"
          onClick={() => (overlay.value = 'palette')}
        >
          <Icon name="search" size={14} />
          <span>Find or do anything</span>
          <kbd>Ctrl K</kbd>
        </button>
        <LiveDot />
        <Account />
        <Button
          kind="gh"
          icon={theme.value === 'light' ? 'moon' : 'sun'}
          label="Switch theme"
          keys="d"
          onClick={toggleTheme}
        />
      </div>
    </header>
  );
}
