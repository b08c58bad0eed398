// Peaks to come: of this series day by day, or the highest of every series that is forecast.
import { useState } from 'preact/hooks';
import type { Forecast } from '../api/forecast-types';
import { amount } from '../format/number';
import { clock, day, ianaName, zoneName } from '../format/time';
import { resourceWord } from '../format/words';
import { daemonNow } from '../state/live';
import { go, tz } from '../state/route';
import { Card } from '../ui/card';
import { downloadCsv } from '../ui/download';
import { Icon } from '../ui/icon';
import { Menu } from '../ui/menu';
import { Segments } from '../ui/segments';
import { copyAsCurl, copyCommand } from '../ui/share';
import { byRisk, expected } from './chosen';
import { dayPeaks, outlook, type Outlook } from './peaks-model';
import type { Trading } from './use-forecast';
import { chance } from './words';

const ROWS = 14; // two weeks of days
const SHOWN = [
  { id: 'series', name: 'By day' },
  { id: 'all', name: 'All series' },
] as const;
type Shown = (typeof SHOWN)[number]['id'];

const when = (ms: number) => `${day(ms, tz.value)} ${clock(ms, tz.value)}`;

function OutlookMark({ tone, text }: Outlook) {
  return (
    <span class={`st st-${tone}`}>
      <Icon name={tone} size={13} />
      <span>{text}</span>
    </span>
  );
}

function ByDay({ forecast, trading }: { forecast: Forecast; trading: Trading | null }) {
  const zone = ianaName(tz.value) ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { unit, peak, level } = forecast;
  const rows = dayPeaks(forecast, trading?.zone ?? zone, trading).slice(0, ROWS);
  return (
    <table class="cp">
      <thead>
        <tr>
          <th scope="col">Time, {zoneName(tz.value, daemonNow.peek())}</th>
          {trading && (
            <th scope="col" class="desk">
              Why
            </th>
          )}
          <th scope="col" class="r">
            Median
          </th>
          <th scope="col" class="r desk">
            {Math.round(100 * level)}
            {'\u00a0'}% interval
          </th>
          <th scope="col">Outlook</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ at, point, why }) => (
          <tr key={at}>
            <td class="b">{when(at)}</td>
            {trading && <td class="desk mut">{why}</td>}
            <td class="r b">{amount(point.predicted_value, unit)}</td>
            <td class="r desk mut">
              {amount(point.confidence_lower, unit)} to {amount(point.confidence_upper, unit)}
            </td>
            <td>
              <OutlookMark {...outlook(point.predicted_value, point.confidence_upper, peak.capacity, unit)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AllSeries() {
  const rows = [...(expected.value ?? [])].sort(byRisk).slice(0, ROWS);
  return (
    <table class="cp">
      <thead>
        <tr>
          <th scope="col">Series</th>
          <th scope="col" class="desk">
            Peak, {zoneName(tz.value, daemonNow.peek())}
          </th>
          <th scope="col" class="r">
            Value
          </th>
          <th scope="col" class="r desk">
            Above capacity
          </th>
          <th scope="col">Outlook</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((p) => (
          <tr key={p.service + p.resource_type}>
            <td>
              <button type="button" class="lk el" onClick={() => go({ svc: p.service, res: p.resource_type })}>
                {p.service}, {resourceWord(p.resource_type).name}
              </button>
            </td>
            <td class="desk">{when(Date.parse(p.timestamp))}</td>
            <td class="r b">{amount(p.value, p.unit)}</td>
            <td class="r desk">{chance(p.exceeds_capacity)}</td>
            <td>
              <OutlookMark {...outlook(p.value, p.upper_95, p.capacity, p.unit)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function exportCsv(): void {
  downloadCsv('loadline-peaks.csv', [
    ['service', 'resource_type', 'time_utc', 'value', 'upper_95', 'capacity', 'exceeds_capacity', 'unit'],
    ...(expected.value ?? []).map((p) => [
      p.service,
      p.resource_type,
      p.timestamp,
      p.value,
      p.upper_95,
      p.capacity,
      p.exceeds_capacity,
      p.unit,
    ]),
  ]);
}

export function ComingPeaks({ forecast, trading }: { forecast: Forecast; trading: Trading | null }) {
  const [shown, setShown] = useState<Shown>('series');
  const count = expected.value?.length ?? 0;
  return (
    <Card
      title="Coming peaks"
      sub={shown === 'all' ? `${Math.min(ROWS, count)} of ${count}, the likeliest to exceed first` : 'highest of each day'}
      css="s5 peaks"
      controls={
        <>
          <Segments label="Peaks shown" items={SHOWN} chosen={shown} choose={setShown} />
          <Menu
            icon="more"
            label="Export the peaks"
            items={[
              { icon: 'code', name: 'Copy as curl', run: () => copyAsCurl([{ path: 'peaks' }]) },
              { icon: 'copy', name: 'Copy as command', run: () => copyCommand(['loadline peaks']) },
              { icon: 'download', name: 'Download CSV', run: exportCsv },
            ]}
          />
        </>
      }
    >
      <div class="sx" tabIndex={0} role="region" aria-label="Coming peaks, table">
        {shown === 'all' ? <AllSeries /> : <ByDay forecast={forecast} trading={trading} />}
      </div>
    </Card>
  );
}
