// The page below the first tab: which services were found, from what, what was not matched and why.
import { computed } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { Unreachable } from '../overview/unreachable';
import { live } from '../state/live';
import { Card } from '../ui/card';
import { Failed } from '../ui/failed';
import { Skeleton } from '../ui/skeleton';
import { FoundTable } from './found-table';
import { Back, Sums, Verdict } from './head';
import { SourceTable } from './source-table';
import { UnmatchedTable } from './unmatched-table';
import { useDiscovery } from './use-discovery';

const PATIENCE_MS = 5_000;
/** There is a picture; not read as a whole, or the page would be drawn with each. */
const started = computed(() => live.value !== null);

function Loading() {
  return (
    <div class="s12 loading" role="status">
      <h1 class="sr">Sources and discovery, loading</h1>
      <Skeleton height={62} />
      <Skeleton height={82} />
      <Skeleton height={220} />
      <Skeleton height={420} />
    </div>
  );
}

function Panels() {
  const { data, error, slow, retry } = useDiscovery();
  if (error && !data)
    return (
      <>
        <h1 class="sr">Sources and discovery</h1>
        <Card title="Sources and discovery" css="s12" controls={<Back />}>
          <Failed error={error} retry={retry} />
        </Card>
      </>
    );
  if (!data) return <Loading />;
  return (
    <div class={slow ? 'panels dim' : 'panels'}>
      <Verdict data={data} />
      <Sums data={data} />
      <SourceTable data={data} />
      <FoundTable data={data} />
      <UnmatchedTable data={data} />
    </div>
  );
}

export function Sources() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (started.value) return <Panels />;
  return late ? <Unreachable /> : <Loading />;
}
