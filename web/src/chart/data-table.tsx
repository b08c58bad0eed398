// The data of a chart as a table, newest first, 25 rows a page.
import { useState } from 'preact/hooks';
import { clockSeconds, day, zoneName } from '../format/time';
import { tz } from '../state/route';
import { Button } from '../ui/button';
import type { Series } from './plot';

const ROWS = 25;

interface Props {
  label: string;
  x: number[];
  series: Series[];
  format: (value: number | null) => string;
}

export function DataTable({ label, x, series, format }: Props) {
  const [page, setPage] = useState(0);
  const zone = tz.value;
  const pages = Math.max(1, Math.ceil(x.length / ROWS));
  const at = Math.min(page, pages - 1);
  const rows = x.map((_, i) => x.length - 1 - i).slice(at * ROWS, (at + 1) * ROWS);
  return (
    <div class="dt">
      <div class="sx" tabIndex={0} role="region" aria-label={`${label}, table`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time, {zoneName(zone, (x[x.length - 1] ?? 0) * 1000)}</th>
              {series.map((s) => (
                <th class="r" scope="col" key={s.name}>
                  {s.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((i) => (
              <tr key={x[i]}>
                <td>
                  {day(x[i]! * 1000, zone)} {clockSeconds(x[i]! * 1000, zone)}
                </td>
                {series.map((s) => (
                  <td class="r" key={s.name}>
                    {format(s.values[i] ?? null)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="pager">
        <Button kind="sm" onClick={() => setPage(Math.max(0, at - 1))}>
          Newer
        </Button>
        <span>
          Page {at + 1} of {pages}
        </span>
        <Button kind="sm" onClick={() => setPage(Math.min(pages - 1, at + 1))}>
          Older
        </Button>
      </div>
    </div>
  );
}
