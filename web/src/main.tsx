import 'uplot/dist/uPlot.min.css';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/controls.css';
import './style/overview.css';
import './style/forecast.css';
import './style/scaling.css';
import './style/sources.css';
import './style/chart.css';
import './style/states.css';
import './style/overlays.css';
import './style/phone.css';

import { render } from 'preact';
import { App } from './app';
import { startKeys } from './shell/keys';
import { startLive } from './state/live';
import { startPrefs } from './state/prefs';
import { startRoute } from './state/route';

startPrefs();
startRoute();
startKeys();
startLive();
render(<App />, document.getElementById('app') as HTMLElement);
