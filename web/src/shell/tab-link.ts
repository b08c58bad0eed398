// A tab is a link to its own address, so that it can be opened in a new window.
import { formatHash, go, type Route, type TabId } from '../state/route';

export function tabLink(tab: TabId, route: Route) {
  const here = route.tab === tab;
  return {
    href: formatHash({ ...route, tab, open: '' }),
    class: here ? 'on' : '',
    'aria-current': here ? ('page' as const) : undefined,
    onClick: (event: MouseEvent) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go({ tab, open: '' });
    },
  };
}
