// The usual week as a heat map: seven days of hours or half hours, each day's peak outlined.
import { useMemo, useState } from 'preact/hooks';
import { get } from '../api/client';
import type { Forecast } from '../api/forecast-types';
import type { History } from '../api/types';
import { useFetch } from '../chart/use-fetch';
import { amount, GAP } from '../format/number';
import { ianaName, zoneName } from '../format/time';
import { daemonNow } from '../state/live';
import { market } from '../state/market';
import { tz } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Failed } from '../ui/failed';
import { Skeleton } from '../ui/skeleton';
import { DAYS, partName, profileOf, type Profile } from './profile-model';

const HALF_HOUR = 1_800;
const HOUR = 3_600;
const BACK = 42 * 86_400; // as far as the forecaster itself looks
const REFRESH_SECONDS = 1_800;
const TICKS = 12;

/** Half hours where the store still has them, else hours. */
async function askHistory({ service, resource_type }: Forecast): Promise<History> {
  const to = Math.floor(daemonNow.peek() / 1000 / HOUR) * HOUR;
  const ask = (step: number) =>
    get<History>('metrics', { service, resource_type, from: String(to - BACK), to: String(to), step: String(step) });
  const fine = await ask(HALF_HOUR);
  return fine.source === '1h' ? ask(HOUR) : fine;
}

interface HeatProps {
  profile: Profile;
  unit: string;
  label: string;
}

function Heat({ profile, unit, label }: HeatProps) {
  const { perDay, cells, most, peaks } = profile;
  const each = perDay / TICKS;
  return (
    <div class={`week p${perDay}`} role="img" aria-label={label}>
      {cells.map((row, day) => (
        <div class="wd" key={day}>
          <span>{DAYS[day]}</span>
          {row.map((value, part) => (
            <i
              key={part}
              class={value == null ? 'na' : part === peaks[day] ? 'top' : ''}
              style={{ '--v': value == null || most <= 0 ? 0 : (100 * value) / most }}
              title={`${DAYS[day]} ${partName(part, perDay)}: ${value == null ? 'no data' : amount(value, unit)}`}
            />
          ))}
        </div>
      ))}
      <div class="wt">
        <span />
        {Array.from({ length: TICKS }, (_, i) => (
          <span key={i}>{partName(i * each, perDay).slice(0, 2)}</span>
        ))}
      </div>
    </div>
  );
}

function WeekTable({ profile, unit }: { profile: Profile; unit: string }) {
  return (
    <div class="dt">
      <div class="sx" tabIndex={0} role="region" aria-label="Seasonal profile, table">
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              {DAYS.map((name) => (
                <th scope="col" class="r" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {profile.cells[0]!.map((_, part) => (
              <tr key={part}>
                <td>{partName(part, profile.perDay)}</td>
                {profile.cells.map((row, day) => (
                  <td class="r" key={day}>
                    {amount(row[part], unit)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function labelOf({ cells, peaks, perDay }: Profile, unit: string): string {
  const days = DAYS.flatMap((name, day) =>
    peaks[day]! < 0 ? [] : [`${name} ${partName(peaks[day]!, perDay)} ${amount(cells[day]![peaks[day]!], unit)}`],
  );
  return `The usual week, highest: ${days.join(', ')}`;
}

export function SeasonalProfile({ forecast }: { forecast: Forecast }) {
  const [table, setTable] = useState(false);
  const { service, resource_type, unit, calendar } = forecast;
  const fetched = useFetch(`${service} ${resource_type}`, REFRESH_SECONDS, () => askHistory(forecast));
  const history = fetched.data;
  const traded = calendar && market.value?.code === calendar ? market.value : null;
  const zone = traded?.zone ?? ianaName(tz.value) ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const profile = useMemo(() => history && profileOf(history, zone), [history, zone]);
  const when = traded ? `market time (${traded.code})` : zoneName(tz.value, daemonNow.peek());
  const part = profile?.perDay === 48 ? 'half hours' : 'hours';
  return (
    <Card
      title="Seasonal profile"
      sub={
        profile &&
        `Median of ${profile.weeks} ${profile.weeks === 1 ? 'week' : 'weeks'}, ${part} in ${when}. Outline marks each day's peak`
      }
      css="profile"
      padded
      controls={
        profile && (
          <Button kind="gh" icon="table" label="Data table" pressed={table} onClick={() => setTable(!table)} />
        )
      }
    >
      {fetched.error && !history ? (
        <Failed error={fetched.error} retry={fetched.retry} />
      ) : !history ? (
        <Skeleton height={190} />
      ) : !profile ? (
        <p class="none mut">No history is stored yet.</p>
      ) : (
        <>
          <Heat profile={profile} unit={unit} label={labelOf(profile, unit)} />
          <div class="scale">
            0<i />
            {amount(profile.most, unit)}
            {profile.weeks < 2 && <span class="note">{GAP}One week says little of what is usual.</span>}
          </div>
          {table && <WeekTable profile={profile} unit={unit} />}
        </>
      )}
    </Card>
  );
}
