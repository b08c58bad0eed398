// A series without a forecast: what is missing, how long that takes, what shortens it.
import { get } from '../api/client';
import type { History } from '../api/types';
import { useFetch } from '../chart/use-fetch';
import { moment, span } from '../format/time';
import { resourceWord } from '../format/words';
import { daemonNow, serviceNamed } from '../state/live';
import { tz } from '../state/route';
import { Empty } from '../ui/empty';
import { Skeleton } from '../ui/skeleton';
import type { Chosen } from './chosen';
import { orNone } from './use-forecast';

const LEAST_STEPS = 24; // of five minutes, with data
const STEP = 300;
const LOOK_BACK = 86_400;
const REFRESH_SECONDS = 30;

/** Steps of five minutes with data in the last day. */
async function countSteps({ service, type }: Chosen): Promise<number> {
  const to = Math.floor(daemonNow.peek() / 1000 / STEP) * STEP;
  const query = { service, resource_type: type, from: String(to - LOOK_BACK), to: String(to), step: String(STEP) };
  const history = await orNone(get<History>('metrics', query));
  return history ? history.columns.value.filter((value) => value != null).length : 0;
}

function Import() {
  return (
    <p>
      Older data shorten it: <code class="mono">loadline import csv FILE</code> or{' '}
      <code class="mono">loadline import prometheus</code>.
    </p>
  );
}

export function NothingYet({ chosen }: { chosen: Chosen }) {
  const { service, type } = chosen;
  const fetched = useFetch(`${service} ${type}`, REFRESH_SECONDS, () => countSteps(chosen));
  const name = `${service}, ${resourceWord(type).name}`;
  const cell = serviceNamed(service)?.resources[type];
  const fresh = cell && !cell.stale; // the first steps are not over yet
  if (fetched.data === null && !fetched.error)
    return (
      <>
        <h1 class="sr">Loading the forecast</h1>
        <Skeleton height={420} />
      </>
    );
  const steps = fetched.data ?? 0;
  if (!fresh && steps < LEAST_STEPS)
    return (
      <Empty icon="held" title={`No data of ${name}`} as="h1">
        <p>
          Nothing has come within the last day, so there is nothing to forecast from. Choose another service or
          resource above, or see under Sources why it does not report.
        </p>
        <Import />
      </Empty>
    );
  const left = Math.max(0, LEAST_STEPS - steps) * STEP;
  return (
    <Empty icon="forecast" title={`Learning ${name}`} as="h1">
      <p role="status">
        {left
          ? `${span(steps * STEP)} of the two hours that a first forecast takes. It comes about ${moment(daemonNow.value + left * 1000, tz.value)}, if data keep coming.`
          : 'There is enough history: the forecast is being made and will be here within a minute.'}
      </p>
      {left > 0 && <Import />}
    </Empty>
  );
}
