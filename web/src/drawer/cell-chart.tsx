// 24 hours of one service's resource: the mean and the highest of each step.
import { useMemo, useState } from 'preact/hooks';
import type { Cell, ResourceType } from '../api/types';
import { Chart } from '../chart/chart';
import { align, getHistory, refreshSeconds, windowFor, withLivePoints } from '../chart/history';
import type { Series } from '../chart/plot';
import { useFetch } from '../chart/use-fetch';
import { useTail } from '../chart/use-tail';
import { amount, roundSteps } from '../format/number';
import { span, zoneName } from '../format/time';
import { resourceWord } from '../format/words';
import { pictureAt } from '../state/live';
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
  const at = pictureAt.value;
  const history = fetched.data;
  const tail = useTail(`${service} ${type}`, at, [cell.current_value]);
  const { x, series } = useMemo(() => {
    if (!history) return { x: [], series: [] as Series[] };
    const mean = withLivePoints(align([history], 'value'), tail);
    const pad = (points: (number | null)[]) => mean.x.map((_, i) => points[i] ?? null);
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
    return { x: mean.x, series: lines };
  }, [history, tail]);

  if (fetched.error && !history) return <Failed error={fetched.error} retry={fetched.retry} />;
  if (!history) return <Skeleton height={HEIGHT} />;
  const to = Math.floor(at);
  const words = window.span === DAY_SECONDS ? '24\u00a0h' : span(window.span);
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
          Last {words}, {zoneName(tz.value, to * 1000)}{' '}
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
        label={`${resourceWord(type).name} of ${service}, last ${words}`}
        x={x}
        series={series}
        from={to - window.span}
        to={to}
        yTop={0}
        bridge={2.5 * window.step}
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
