// Rolling accuracy by how far ahead was looked, beside seasonal naive in the same units.
import type { Forecast } from '../api/forecast-types';
import type { Fetched } from '../chart/use-fetch';
import { count, GAP, NONE, percentDigits, roundPercent } from '../format/number';
import { Card } from '../ui/card';
import { Skeleton } from '../ui/skeleton';
import { biasWords, type Quality } from './accuracy';

const share = (part: number | null) => (part == null ? NONE : percentDigits(100 * part) + GAP + '%');

/** The error as a bar, with a tick at that of seasonal naive. */
function ErrorBar({ wape, naive, top }: { wape: number | null; naive: number | null; top: number }) {
  const at = (value: number) => `${(100 * value) / top}%`;
  return (
    <div class="ebar" aria-hidden="true">
      {wape != null && <i class={naive != null && wape > naive ? 'worse' : ''} style={{ width: at(wape) }} />}
      {naive != null && <b style={{ left: at(naive) }} />}
    </div>
  );
}

export function Horizons({ quality, forecast }: { quality: Fetched<Quality>; forecast: Forecast }) {
  const rows = quality.data?.rows ?? [];
  const top = Math.max(0.01, ...rows.flatMap((r) => [r.wape ?? 0, r.seasonal_naive.wape ?? 0]));
  return (
    <Card
      title="Rolling accuracy"
      sub="lower error is better; the tick is seasonal naive"
      css="grow horizons"
      foot={
        <span class="model">
          <b>{forecast.model_used}</b> {forecast.reason}
        </span>
      }
    >
      {!quality.data ? (
        <Skeleton height={150} />
      ) : rows.length === 0 ? (
        <p class="none mut">
          Nothing compared yet. Rows for 1{GAP}h, 6{GAP}h and 24{GAP}h ahead come as their hours pass.
        </p>
      ) : (
        <div class="sx" tabIndex={0} role="region" aria-label="Rolling accuracy, table">
          <table>
            <thead>
              <tr>
                <th scope="col">Ahead</th>
                <th scope="col" class="desk">
                  <span class="sr">Error as a bar</span>
                </th>
                <th scope="col" class="r">
                  WAPE
                </th>
                <th scope="col" class="r">
                  Naive
                </th>
                <th scope="col" class="r desk">
                  Bias
                </th>
                <th scope="col" class="r">
                  In {roundPercent(100 * forecast.level)}
                </th>
                <th scope="col" class="r desk">
                  Hours
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.hours_ahead}>
                  <td>
                    {row.hours_ahead}
                    {GAP}h
                  </td>
                  <td class="desk">
                    <ErrorBar wape={row.wape} naive={row.seasonal_naive.wape} top={top} />
                  </td>
                  <td class="r b">{share(row.wape)}</td>
                  <td class="r">{share(row.seasonal_naive.wape)}</td>
                  <td class="r desk">{biasWords(row.bias)}</td>
                  <td class="r">{share(row.coverage)}</td>
                  <td class="r desk">{count(row.compared)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
