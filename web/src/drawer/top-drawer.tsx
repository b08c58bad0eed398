// The fifty most utilized series.
import { get } from '../api/client';
import type { ResourceMetric } from '../api/types';
import { useFetch } from '../chart/use-fetch';
import { TopLine } from '../overview/top-line';
import { rowOfMetric, topRows } from '../overview/top-model';
import { live } from '../state/live';
import { route } from '../state/route';
import { Failed } from '../ui/failed';
import { Skeleton } from '../ui/skeleton';
import { Drawer } from './drawer';

const LIMIT = '50';
const REFRESH_SECONDS = 15;

export function TopDrawer() {
  const { svc, res } = route.value;
  const filtered = Boolean(svc || res);
  const fetched = useFetch(filtered ? '' : 'top', REFRESH_SECONDS, () =>
    get<{ items: ResourceMetric[] }>('top', { limit: LIMIT }),
  );
  const rows = filtered ? live.value && topRows(live.value, svc, res) : fetched.data?.items.map(rowOfMetric);
  return (
    <Drawer title="Top utilized" sub={rows && `${rows.length} shown`}>
      {rows ? (
        <ul class="tls">
          {rows.map((row, i) => (
            <TopLine key={i} row={row} />
          ))}
        </ul>
      ) : fetched.error ? (
        <Failed error={fetched.error} retry={fetched.retry} />
      ) : (
        <Skeleton height={300} />
      )}
    </Drawer>
  );
}
