// The fan chart: what came, what was said a day ago, what is expected now and how surely.
import { useMemo, useState } from 'preact/hooks';
import { Chart } from '../chart/chart';
import type { Fetched } from '../chart/use-fetch';
import { amount, percent, roundPercent, roundSteps } from '../format/number';
import { moment, span, zoneName } from '../format/time';
import { resourceWord } from '../format/words';
import { daemonNow } from '../state/live';
import { tz } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Menu } from '../ui/menu';
import { fanOf, type Fan } from './fan';
import { fanExports } from './fan-export';
import { fanRows } from './fan-rows';
import type { FanData } from './use-forecast';
import { levelWords } from './words';

const HEIGHT = 340;
const AIR = 1.2; // for flags above the lines

function Legend({ fan, level, data }: { fan: Fan; level: string; data: FanData }) {
  const has = (name: string) => fan.series.some((s) => s.name === name);
  return (
    <div class="lg fanlg">
      <span>
        <i class="k-actual" />
        actual
      </span>
      {data.before && has('Said 24\u00a0h ago') && (
        <span>
          <i class="k-before" />
          said 24{'\u00a0'}h ago
          {data.beforeCame?.wape != null && `, off by ${percent(100 * data.beforeCame.wape)} so far`}
        </span>
      )}
      <span>
        <i class="k-median" />
        forecast, median
      </span>
      {fan.bands.length > 1 && (
        <span>
          <i class="bx k-80" />
          80{'\u00a0'}%
        </span>
      )}
      <span>
        <i class="bx k-95" />
        {level}
      </span>
      {has('Capacity') && (
        <span>
          <i class="k-capacity" />
          {fan.above ? `capacity ${amount(data.forecast.peak.capacity, data.forecast.unit)}, above the picture` : 'capacity'}
        </span>
      )}
      {data.trading && (
        <span>
          <i class="bx k-session" />
          regular session
        </span>
      )}
    </div>
  );
}

/** How far it reaches, where more was asked for; how old it is, where it is stale. */
function Notes({ data, now }: { data: FanData; now: number }) {
  const { forecast } = data;
  const age = now - Date.parse(forecast.made) / 1000;
  return (
    <>
      {forecast.stale && (
        <span class="warning">
          Made {span(age)} ago: no new samples came since, so it is not made anew.
        </span>
      )}
      {data.why && (
        <span>
          Reaches {forecast.horizon_hours == null ? 'no further' : span(forecast.horizon_hours * 3600)}: {data.why}
        </span>
      )}
    </>
  );
}

export function FanChart({ data, fetched }: { data: FanData; fetched: Fetched<FanData> }) {
  const [table, setTable] = useState(false);
  const now = Math.floor(daemonNow.value / 60_000) * 60;
  const fan = useMemo(() => fanOf(data, now), [data, now]);
  const { forecast, chosen } = data;
  const word = resourceWord(chosen.type).name;
  const format = (value: number | null) => amount(value, forecast.unit);
  const rows = fanRows(fan, { level: forecast.level, step: forecast.step, format });
  const steps = roundSteps(forecast.unit);
  const exports = fanExports(data, fan, { yTop: 0, air: AIR, format, axisFormat: format, axisSteps: steps });
  return (
    <Card
      css="s9 fan"
      title="Demand forecast"
      sub={`${chosen.service}, ${word}, ${span(forecast.step)} means, ${zoneName(tz.value, data.to * 1000)}`}
      padded
      controls={
        <>
          <Button
            kind="gh"
            icon="table"
            label="Data table"
            pressed={table}
            onClick={() => setTable(!table)}
          />
          <Menu icon="more" label="Export the forecast" items={exports} />
        </>
      }
      foot={
        <>
          <Legend fan={fan} level={levelWords(forecast)} data={data} />
          <Notes data={data} now={daemonNow.value / 1000} />
        </>
      }
    >
      <Chart
        label={`${word} of ${chosen.service}: actual, and the forecast made ${moment(Date.parse(forecast.made), tz.value)} with its ${roundPercent(100 * forecast.level)} interval`}
        x={fan.x}
        series={fan.series}
        bands={fan.bands}
        marks={fan.marks}
        rows={rows}
        rest={fan.first}
        from={data.from}
        to={data.to}
        yTop={0}
        air={AIR}
        bridge={2.5 * forecast.step}
        format={format}
        axisSteps={steps}
        height={HEIGHT}
        fill
        dim={fetched.slow}
        table={table}
        setTable={setTable}
      />
    </Card>
  );
}
