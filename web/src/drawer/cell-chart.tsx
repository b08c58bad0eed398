// 24 hours of one service's resource: the mean and the highest of each step.
import { useMemo, useState } from 'preact/hooks';
import type { Cell, ResourceType } from '../api/types';
import { Chart } from '../chart/chart';
import { align, getHistory, refreshSeconds, windowFor, withLivePoint } from '../chart/history';
import type { Series } from '../chart/plot';
import { useFetch } from '../chart/use-fetch';
import { amount, roundSteps } from '../format/number';
import { span, zoneName } from '../format/time';
import { resourceWord } from '../format/words';
import { daemonNow, live } from '../state/live';
import { tz } from '../state/route';
import { Button } from '../ui/button';
import { Failed } from '../ui/failed';
import { Skeleton } from '../ui/skeleton';

const DAY_SECONDS = 86_400;
const HEIGHT = 200;

export function CellChart({ service, type, cell }: { service: string; type: ResourceType; cell: Cell }) {
  const [table, setTable] = useState(false);
  const window = windowFor(DAY_SECONDS);
  const fetched = useFetch(
    `${service} ${type} ${window.span} ${window.step}`,
    refreshSeconds(window.step),
    () => getHistory(service, type, window),
  );
  const at = Date.parse(live.value?.summary.timestamp ?? '') / 1000;
  const history = fetched.data;
  const { x, series, top } = useMemo(() => {
    if (!history) return { x: [], series: [] as Series[], top: 1 };
    const mean = withLivePoint(align([history], 'value'), at, [cell.current_value]);
    const pad = (points: (number | null)[]) => [
      ...points,
      ...new Array<null>(Math.max(0, mean.x.length - points.length)).fill(null),
    ];
    const lines: Series[] = [
      { name: 'Mean', line: resourceWord(type).line, values: mean.columns[0]!, width: 1.8 },
      { name: 'Highest', line: '--c9', values: pad(history.columns.max), width: 1 },
    ];
    const capacity = history.columns.capacity.some((value) => value != null);
    if (capacity)
      lines.push({
        name: 'Capacity',
        line: '--text',
        values: pad(history.columns.capacity),
        dash: [4, 3],
        width: 1,
      });
    const highest = Math.max(0, ...lines.flatMap((line) => line.values.map((value) => value ?? 0)));
    return { x: mean.x, series: lines, top: highest * 1.06 || 1 };
  }, [history, at]);

  if (fetched.error && !history) return <Failed error={fetched.error} retry={fetched.retry} />;
  if (!history) return <Skeleton height={HEIGHT} />;
  const to = Math.floor(daemonNow.value / 1000);
  const format = (value: number | null) => amount(value, cell.unit);
  return (
    <div class="cellchart">
      <div class="lg between">
        <span>
          {series.map((s) => (
            <span key={s.name}>
              <i style={{ background: `var(${s.line})` }} />
              {s.name}
            </span>
          ))}
        </span>
        <span>
          Last {span(window.span)}, {zoneName(tz.value, to * 1000)}{' '}
          <Button
            kind="gh sm"
            icon="table"
            label="Data table"
            pressed={table}
            onClick={() => setTable(!table)}
          />
        </span>
      </div>
      <Chart
        label={`${resourceWord(type).name} of ${service}, last ${span(window.span)}`}
        x={x}
        series={series}
        from={to - window.span}
        to={to}
        yTop={top}
        format={format}
        axisSteps={roundSteps(cell.unit)}
        height={HEIGHT}
        dim={fetched.slow}
        table={table}
        setTable={setTable}
      />
    </div>
  );
}
