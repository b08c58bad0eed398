// Tab 2: what demand will be, how surely, how good such statements have been.
import { get } from '../api/client';
import type { RollingAccuracy, Seasonality } from '../api/forecast-types';
import { useFetch } from '../chart/use-fetch';
import { resourceWord } from '../format/words';
import { Loading } from '../overview/loading';
import { Unreachable } from '../overview/unreachable';
import { useImpatience } from '../overview/use-impatience';
import { live } from '../state/live';
import { route } from '../state/route';
import { Empty } from '../ui/empty';
import { Failed } from '../ui/failed';
import { Skeleton } from '../ui/skeleton';
import { Accuracy, type Quality } from './accuracy';
import { chosen, expected, type Chosen } from './chosen';
import { ComingPeaks } from './coming-peaks';
import { FanChart } from './fan-chart';
import { Horizons } from './horizons';
import { NextPeak } from './next-peak';
import { NothingYet } from './nothing-yet';
import { SeasonalProfile } from './profile';
import { useExpected } from './use-expected';
import { orNone, useForecast } from './use-forecast';

const REFRESH_SECONDS = 60;

async function askQuality({ service, type }: Chosen): Promise<Quality> {
  const series = { service, resource_type: type };
  const [accuracy, seasons] = await Promise.all([
    get<{ days: number; items: RollingAccuracy[] }>('accuracy', series),
    orNone(get<Seasonality>('seasonality', series)),
  ]);
  return { days: accuracy.days, rows: accuracy.items, seasons };
}

function Series({ of }: { of: Chosen }) {
  const fetched = useForecast(of, route.value.reach);
  const quality = useFetch(`${of.service} ${of.type}`, REFRESH_SECONDS, () => askQuality(of));
  const data = fetched.data;
  const mine = data && data.chosen.service === of.service && data.chosen.type === of.type ? data : null;
  if (fetched.error && !mine)
    return (
      <section class="card s12 waiting">
        {fetched.error.problem.status === 404 ? (
          <NothingYet chosen={of} />
        ) : (
          <Failed error={fetched.error} retry={fetched.retry} />
        )}
      </section>
    );
  if (!mine)
    return (
      <div class="s12" role="status">
        <h1 class="sr">Loading the forecast</h1>
        <Skeleton height={460} />
      </div>
    );
  return (
    <>
      <h1 class="sr">
        Demand forecast of {of.service}, {resourceWord(of.type).name}
      </h1>
      <FanChart data={mine} fetched={fetched} />
      <div class="col s3">
        <NextPeak forecast={mine.forecast} />
        <Accuracy quality={quality} forecast={mine.forecast} />
      </div>
      <div class="col s7">
        <SeasonalProfile forecast={mine.forecast} />
        <Horizons quality={quality} forecast={mine.forecast} />
      </div>
      <ComingPeaks forecast={mine.forecast} trading={mine.trading} />
    </>
  );
}

function NoSeries() {
  return (
    <section class="card s12 waiting">
      <Empty icon="forecast" title="Nothing to forecast yet" as="h1">
        <p>
          No service with data matches what is chosen above. A first forecast takes two hours of samples; connect a
          source, or load older data with <code class="mono">loadline import</code>.
        </p>
      </Empty>
    </section>
  );
}

export function Forecast() {
  const late = useImpatience();
  const peaks = useExpected();
  const of = chosen.value;
  if (!live.value) return late ? <Unreachable /> : <Loading />;
  if (peaks.error && !expected.value)
    return (
      <section class="card s12 waiting">
        <h1 class="sr">Demand forecast</h1>
        <Failed error={peaks.error} retry={peaks.retry} />
      </section>
    );
  if (!of) return expected.value ? <NoSeries /> : <Loading />;
  return <Series key={`${of.service} ${of.type}`} of={of} />;
}
