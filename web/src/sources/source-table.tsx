// Every way in: its state, its age, and what became of its series.
import type { Discovery } from '../api/types';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Empty } from '../ui/empty';
import { copyText } from '../ui/share';
import { onlyHost } from './model';
import { FIRST_SOURCE } from './rule';
import { SourceRow } from './source-row';

/** Nothing but this host: what to write, where. */
function FirstSource() {
  return (
    <Empty icon="sources" title="No source yet beside this host">
      <p>
        Add <code>collect.prometheus</code>, <code>collect.scrape</code> or <code>collect.postgres</code> to
        the configuration and reload. Services appear here within one interval.
      </p>
      <pre class="mono yaml" tabIndex={0} aria-label="Configuration of a first source">
        {FIRST_SOURCE}
      </pre>
      <Button icon="copy" onClick={() => copyText(FIRST_SOURCE, 'Source')}>
        Copy
      </Button>
    </Empty>
  );
}

const RIGHT = ['Interval', 'Took', 'Series', 'Mapped', 'Unmatched', 'Refused'];
const BROAD = 2; // the first two stand only where there is much room

export function SourceTable({ data }: { data: Discovery }) {
  return (
    <Card title="Sources" sub="Where samples come from, and what became of the series" css="s12">
      {data.sources.length > 0 && (
        <div class="sx" tabIndex={0} role="region" aria-label="Sources, table">
          <table class="srct">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col" class="desk">
                  Kind
                </th>
                <th scope="col" class="desk">
                  Address
                </th>
                <th scope="col" class="r">
                  Last success
                </th>
                {RIGHT.map((name, i) => (
                  <th scope="col" class={i < BROAD ? 'r desk broad' : 'r desk'} key={name}>
                    {name}
                  </th>
                ))}
                <th scope="col" title="Series of the round before that came again">
                  Coverage
                </th>
              </tr>
            </thead>
            <tbody>
              {data.sources.map((source) => (
                <SourceRow key={`${source.kind} ${source.name}`} source={source} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {onlyHost(data) && <FirstSource />}
    </Card>
  );
}
