// The verdict: one headline, one sentence, and the way to the tightest place.
import { percent } from '../format/number';
import { resourceWord, STATUS } from '../format/words';
import type { Live } from '../state/live';
import { cellId, go } from '../state/route';
import { Button } from '../ui/button';
import { Icon, type IconName } from '../ui/icon';

/** Keeps "17 h" and "83.5 %" on one line. */
const unbroken = (text: string) => text.replace(/(\d) (?=[%dhms](?![a-z]))/g, '$1\u00a0');

function tightest(data: Live) {
  return data.summary.least_headroom ?? data.top[0] ?? null;
}

export function VerdictCard({ data }: { data: Live }) {
  const { status, headline, sentence } = data.summary.verdict;
  const css = STATUS[status].css;
  const spot = tightest(data);
  const name = spot && `${spot.service} ${resourceWord(spot.resource_type).name}`;
  return (
    <section class="card s12" aria-label="Verdict">
      <div class="verdict">
        <div class={'vi ' + css}>
          <Icon name={css as IconName} size={20} title={STATUS[status].word} />
        </div>
        <div class="vt" aria-live="polite">
          <h1>{headline}</h1>
          <p>{unbroken(sentence)}</p>
        </div>
        {spot && (
          <div class="va">
            <Button icon="pulse" onClick={() => go({ open: cellId(spot.service, spot.resource_type) })}>
              <span title={percent(data.top[0]?.utilization_pct)}>See {name}</span>
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
