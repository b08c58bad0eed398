// The keys, and the switch that turns single-key shortcuts off (WCAG 2.1.4).
import { setSingleKeys, singleKeys } from '../state/prefs';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { overlay } from './overlay';

const KEYS: [keys: string[], does: string][] = [
  [['Ctrl', 'K'], 'Find or do anything'],
  [['?'], 'This page'],
  [['/'], 'Filter the services'],
  [['g', 'o'], 'Resource Overview'],
  [['g', 'f'], 'Demand Forecast'],
  [['g', 's'], 'Scaling Policies'],
  [['g', 'c'], 'Cost Analysis'],
  [['t'], 'Next time range; on a chart: its data table'],
  [['z'], 'Next time zone'],
  [['d'], 'Light or dark'],
  [['j'], 'Next service'],
  [['k'], 'Previous service'],
  [['Enter'], 'Open what has the focus'],
  [['.'], 'Hold the picture, follow again'],
  [['Esc'], 'Close'],
  [['←', '→'], 'On a chart: move the cursor'],
];

export function Help() {
  const close = () => (overlay.value = '');
  return (
    <Dialog label="Keys" css="help" close={close}>
      <header class="ch">
        <div class="chl">
          <h2>Keys</h2>
        </div>
        <Button kind="gh" icon="close" label="Close" onClick={close} />
      </header>
      <dl class="keys">
        {KEYS.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <footer class="cf">
        <label class="tick">
          <input
            type="checkbox"
            checked={singleKeys.value}
            onChange={(event) => setSingleKeys(event.currentTarget.checked)}
          />
          Single-key shortcuts
        </label>
      </footer>
    </Dialog>
  );
}
