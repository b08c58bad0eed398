// The most utilized resources.
import { count } from '../format/number';
import type { Live } from '../state/live';
import { go, route } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Icon } from '../ui/icon';
import { TopLine } from './top-line';
import { topRows } from './top-model';

const ROWS = 7;

export function Top({ data }: { data: Live }) {
  const { svc, res } = route.value;
  const rows = topRows(data, svc, res).slice(0, ROWS);
  const sub = svc || res ? undefined : `${rows.length} of ${count(data.summary.series)} series`;
  return (
    <Card
      title="Top utilized"
      sub={sub}
      controls={
        <Button kind="gh sm" onClick={() => go({ open: 'top' })}>
          All
          <Icon name="right" size={12} />
        </Button>
      }
    >
      {rows.length ? (
        <ul class="tls">
          {rows.map((row) => (
            <TopLine key={`${row.service} ${row.type} ${row.where}`} row={row} />
          ))}
        </ul>
      ) : (
        <p class="none mut">Nothing with a known capacity has fresh data here.</p>
      )}
    </Card>
  );
}
