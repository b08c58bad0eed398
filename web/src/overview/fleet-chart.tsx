// Utilization over time: every resource of the selected service, or of this host.
import { useMemo, useState } from 'preact/hooks';
import type { Service } from '../api/types';
import { Chart } from '../chart/chart';
import { align, getHistory, refreshSeconds, windowFor, withLivePoints } from '../chart/history';
import { Legend } from '../chart/legend';
import type { Series, Threshold } from '../chart/plot';
import { useFetch } from '../chart/use-fetch';
import { useTail } from '../chart/use-tail';
import { percent, roundPercent } from '../format/number';
import { span, zoneName } from '../format/time';
import { RESOURCES, type ResourceWord } from '../format/words';
import { pictureAt, type Live } from '../state/live';
import { range, route, tz } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Failed } from '../ui/failed';
import { Menu } from '../ui/menu';
import { Skeleton } from '../ui/skeleton';
import { fleetExports, type FleetExport } from './fleet-export';

const HEIGHT = 248;
const HOST = 'host';

function subject(data: Live): Service | undefined {
  const named = (name: string) => data.services.find((s) => s.service === name);
  return named(route.value.svc) ?? named(HOST) ?? data.services[0];
}

function thresholdsOf(service: Service, words: ResourceWord[]): Threshold[] {
  // Several resources have several thresholds: the CPU's stands for them, as everyone knows it.
  const word = words.length === 1 ? words[0] : words.find((w) => w.type === 'CPU');
  const cell = word && service.resources[word.type];
  const make = (value: number | null | undefined, line: string, kind: string): Threshold[] =>
    value == null ? [] : [{ value, line, name: `${word!.name} ${kind} ${roundPercent(value)}` }];
  return [
    ...make(cell?.warning_pct, '--warn', 'warning'),
    ...make(cell?.critical_pct, '--crit', 'critical'),
  ];
}

export function FleetChart({ data }: { data: Live }) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [table, setTable] = useState(false);
  const service = subject(data);
  const words = RESOURCES.filter(
    ({ type }) =>
      (!route.value.res || type === route.value.res) &&
      service?.resources[type] &&
      service.resources[type]!.capacity != null,
  );
  const window = windowFor(range.value.seconds);
  const types = words.map((w) => w.type).join();
  const key = service && types ? `${service.service} ${types} ${window.span} ${window.step}` : '';
  const fetched = useFetch(key, refreshSeconds(window.step), async () => ({
    types,
    service: service!.service,
    aligned: align(
      await Promise.all(words.map((w) => getHistory(service!.service, w.type, window))),
      'utilization_pct',
    ),
  }));

  const fresh =
    fetched.data && fetched.data.types === types && fetched.data.service === service?.service
      ? fetched.data
      : null;
  const at = pictureAt.value;
  const tail = useTail(
    `${service?.service} ${types}`,
    at,
    words.map((w) => service?.resources[w.type]?.utilization_pct),
  );
  const { x, series } = useMemo(() => {
    if (!fresh) return { x: [], series: [] };
    const drawn = withLivePoints(fresh.aligned, tail);
    return {
      x: drawn.x,
      series: words.map((w, i): Series => ({
        name: w.name,
        line: w.line,
        values: drawn.columns[i]!,
        width: w.type === 'CPU' ? 1.8 : 1.4,
      })),
    };
  }, [fresh, tail]);

  const to = Math.floor(at);
  const young = window.span < range.value.seconds;
  const sub =
    service &&
    `${service.service}, ${young ? `${span(window.span)} of the ` : ''}${range.value.words}, ${zoneName(tz.value, to * 1000)}`;
  const given: FleetExport = {
    service: service?.service ?? '',
    words,
    window,
    x,
    series: series.filter((s) => !hidden.has(s.name)),
    thresholds: service ? thresholdsOf(service, words) : [],
    from: to - window.span,
    to,
    sub: `${service?.service}, ${range.value.words}`,
  };
  return (
    <Card
      css="grow fleet"
      title="Fleet utilization"
      sub={sub}
      padded
      controls={
        <>
          {series.length > 0 && <Legend series={series} hidden={hidden} setHidden={setHidden} />}
          <Button
            kind="gh"
            icon="table"
            label="Data table"
            pressed={table}
            onClick={() => setTable(!table)}
          />
          <Menu icon="more" label="Export the chart" items={fleetExports(given)} />
        </>
      }
    >
      {fetched.error && !fresh ? (
        <Failed error={fetched.error} retry={fetched.retry} />
      ) : !key ? (
        <p class="none mut">No resource with a known capacity has data here yet.</p>
      ) : !fresh ? (
        <Skeleton height={HEIGHT} />
      ) : (
        <Chart
          label={`Utilization of ${service!.service}, ${range.value.words}`}
          x={x}
          series={series}
          hidden={hidden}
          thresholds={given.thresholds}
          from={given.from}
          to={to}
          yTop={100}
          bridge={2.5 * window.step}
          format={percent}
          axisFormat={roundPercent}
          height={HEIGHT}
          fill
          dim={fetched.slow}
          table={table}
          setTable={setTable}
        />
      )}
    </Card>
  );
}
