// How good it is: the error beside that of seasonal naive, the intervals beside what they claim.
import type { Forecast, RollingAccuracy, Seasonality, Trust, Verdict } from '../api/forecast-types';
import type { Fetched } from '../chart/use-fetch';
import { amount, count, digits, GAP, NONE, percentDigits, roundPercent } from '../format/number';
import { span } from '../format/time';
import { Card } from '../ui/card';
import { Failed } from '../ui/failed';
import { Icon } from '../ui/icon';
import { Skeleton } from '../ui/skeleton';
import { headline, judge } from './judged';

export interface Quality {
  days: number;
  rows: RollingAccuracy[];
  seasons: Seasonality | null;
}

const share = (part: number | null | undefined) => (part == null ? NONE : percentDigits(100 * part) + GAP + '%');

/** "+2.1 %, says too much". */
export function biasWords(bias: number | null): string {
  if (bias == null) return NONE;
  const sign = bias > 0 ? '+' : '';
  return `${sign}${share(bias)}${Math.abs(bias) < 0.005 ? '' : bias > 0 ? ', too high' : ', too low'}`;
}

function Figures({ row, level }: { row: RollingAccuracy; level: number }) {
  const naive = row.seasonal_naive;
  return (
    <div class="figures">
      <div>
        <div class="hero">
          {row.wape == null ? NONE : percentDigits(100 * row.wape)}
          {GAP}
          <small>%</small>
        </div>
        <p>
          WAPE, {row.hours_ahead}
          {GAP}h ahead; seasonal naive <b>{share(naive.wape)}</b>
        </p>
      </div>
      <div>
        <div class="hero">
          {row.coverage == null ? NONE : percentDigits(100 * row.coverage)}
          {GAP}
          <small>%</small>
        </div>
        <p>
          inside the <b>{roundPercent(100 * level)}</b> interval
        </p>
      </div>
    </div>
  );
}

const DAY = 86_400;
const NEAR = 0.025; // what a spectrum of some weeks can tell apart

/** "1 d" of 23 h 56 m: a period near whole days is taken for them, else it is in whole steps. */
function period(seconds: number, step: number): string {
  const days = Math.round(seconds / DAY) * DAY;
  return span(Math.abs(seconds - days) <= NEAR * days ? days : Math.max(1, Math.round(seconds / step)) * step);
}

function seasonWords(seasons: Seasonality | null): string {
  if (!seasons) return NONE;
  if (!seasons.seasonal) return 'none found';
  return seasons.periods.map((p) => `${period(p.seconds, seasons.step)} (${digits(Math.round(p.strength * 100) / 100)})`).join(', ');
}

function trainedOn(seasons: Seasonality | null): string {
  if (!seasons) return NONE;
  const length = (Date.parse(seasons.to) - Date.parse(seasons.from)) / 1000;
  return `${span(length)} of ${span(seasons.step)} steps, ${count(seasons.steps_with_data)} with data`;
}

const TRUST: Record<Verdict, { word: string; css: string }> = {
  trusted: { word: 'yes', css: '' },
  unmeasured: { word: 'not measured enough', css: '' },
  loses: { word: 'no, it loses to naive', css: 'critical' },
  narrow: { word: 'no, its interval is too narrow', css: 'critical' },
  wide: { word: 'no, its interval is too wide', css: 'warning' },
};

/** What the daemon itself makes of it. */
function TrustRow({ trust }: { trust: Trust }) {
  const { word, css } = TRUST[trust.verdict] ?? { word: trust.verdict, css: '' };
  return (
    <div class="stat" title={trust.reason}>
      <dt>
        Scaling may count on it, {digits(trust.hours_ahead)}
        {GAP}h ahead
      </dt>
      <dd class={css}>{word}</dd>
    </div>
  );
}

function Row({ name, value }: { name: string; value: string }) {
  return (
    <div class="stat">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Body({ quality, forecast }: { quality: Quality; forecast: Forecast }) {
  const row = headline(quality.rows);
  const { tone, word, sentence } = judge(row, quality.rows);
  const naive = row?.seasonal_naive;
  return (
    <>
      {row && <Figures row={row} level={forecast.level} />}
      <p class={`judged j-${tone}`}>
        <Icon name={tone} size={14} />
        <span>
          <b>{word}.</b> {sentence}
        </span>
      </p>
      <dl>
        {row && (
          <>
            <Row name="Bias" value={biasWords(row.bias)} />
            <Row
              name="Pinball loss; naive"
              value={`${amount(row.pinball, forecast.unit)}; ${amount(naive?.pinball, forecast.unit)}`}
            />
            <Row
              name="Compared"
              value={`${count(row.compared)} ${row.compared === 1 ? 'hour' : 'hours'} in ${quality.days}${GAP}d`}
            />
          </>
        )}
        {forecast.trust && <TrustRow trust={forecast.trust} />}
        <Row name="Seasons (strength)" value={seasonWords(quality.seasons)} />
        <Row name="Trained on" value={trainedOn(quality.seasons)} />
      </dl>
    </>
  );
}

export function Accuracy({ quality, forecast }: { quality: Fetched<Quality>; forecast: Forecast }) {
  const days = quality.data?.days;
  return (
    <Card title="Accuracy" sub={days && `last ${days}${GAP}d`} padded css="accuracy grow">
      {quality.error && !quality.data ? (
        <Failed error={quality.error} retry={quality.retry} />
      ) : !quality.data ? (
        <Skeleton height={180} />
      ) : (
        <Body quality={quality.data} forecast={forecast} />
      )}
    </Card>
  );
}
