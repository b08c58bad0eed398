// A tab or a page is a link to its own address, so that it can be opened in a new window.
import { formatHash, go, type PageId, type Route, type TabId } from '../state/route';

export function tabLink(tab: TabId, route: Route) {
  const here = route.tab === tab;
  return {
    class: here ? 'on' : '',
    'aria-current': here ? (route.page ? ('true' as const) : ('page' as const)) : undefined,
    ...placeLink(tab, '', route),
  };
}

/** The address of a place and what a plain click on it does. */
export function placeLink(tab: TabId, page: PageId | '', route: Route) {
  return {
    href: formatHash({ ...route, tab, page, q: '', sort: '', open: '' }),
    onClick: (event: MouseEvent) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go({ tab, page, open: '' });
    },
  };
}
