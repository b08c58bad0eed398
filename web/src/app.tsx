// The shell: header, context row, one tab, and what may lie over it.
import { useEffect } from 'preact/hooks';
import { link } from './api/stream';
import { OpenDrawer } from './drawer/open-drawer';
import { Forecast } from './forecast/forecast';
import { Overview } from './overview/overview';
import { Banner } from './shell/banner';
import { BottomBar } from './shell/bottom-bar';
import { Context } from './shell/context';
import { Header } from './shell/header';
import { Help } from './shell/help';
import { overlay } from './shell/overlay';
import { Palette } from './shell/palette';
import { SignInDialog, SignInPanel } from './shell/sign-in';
import { Scaling } from './scaling/scaling';
import { Sources } from './sources/sources';
import { live, lost } from './state/live';
import { PAGES, route, TABS, type PageId, type TabId } from './state/route';
import { Toast } from './ui/toast';
import { Cost } from './waiting/cost';

const VIEWS: Record<TabId | PageId, () => preact.JSX.Element> = {
  overview: Overview,
  forecast: Forecast,
  scaling: Scaling,
  cost: Cost,
  sources: Sources,
};

function skipToContent(event: MouseEvent): void {
  event.preventDefault(); // the hash is the route
  document.getElementById('main')?.focus();
}

export function App() {
  const { tab, page } = route.value;
  const Page = VIEWS[page || tab];
  const shut = link.value === 'out' && !live.value;
  useEffect(() => {
    const name = page ? PAGES.find((p) => p.id === page)?.name : TABS.find((t) => t.id === tab)?.name;
    document.title = `${name}, Loadline`;
  }, [tab, page]);
  return (
    <>
      <a class="skip" href="#main" onClick={skipToContent}>
        Skip to content
      </a>
      <Header />
      {!shut && <Context />}
      <main id="main" tabIndex={-1} class={lost.value || link.value === 'out' ? 'old' : ''}>
        <Banner />
        {shut ? <SignInPanel /> : <Page />}
      </main>
      <OpenDrawer />
      <BottomBar />
      {overlay.value === 'palette' && <Palette />}
      {overlay.value === 'help' && <Help />}
      {overlay.value === 'sign-in' && <SignInDialog />}
      <Toast />
    </>
  );
}
