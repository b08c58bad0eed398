// The tabs on a phone.
import { route, TABS } from '../state/route';
import { Icon } from '../ui/icon';
import { tabLink } from './tab-link';

export function BottomBar() {
  return (
    <nav class="bn" aria-label="Tabs">
      {TABS.map((tab) => (
        <a key={tab.id} {...tabLink(tab.id, route.value)}>
          <Icon name={tab.id} size={20} />
          {tab.short}
        </a>
      ))}
    </nav>
  );
}
