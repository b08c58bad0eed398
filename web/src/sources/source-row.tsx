// One source: how it does, and below that, in full, what is wrong with it.
import type { SourceInfo } from '../api/types';
import { count, digits, GAP, NONE, roundPercent } from '../format/number';
import { moment, span } from '../format/time';
import { daemonNow } from '../state/live';
import { narrow } from '../state/prefs';
import { tz } from '../state/route';
import { Icon } from '../ui/icon';
import { StatusMark } from '../ui/status';
import { ageOf, COVERAGE_FLOOR_PCT, kindWord, stateOf } from './model';

/** Bar and figure: how much of what the last round had came again. */
function Coverage({ source }: { source: SourceInfo }) {
  const pct = source.coverage_pct;
  if (pct == null) return <span title="Not known: this source does not come in whole rounds">{NONE}</span>;
  const low = pct < COVERAGE_FLOOR_PCT;
  return (
    <span class={low ? 'cov warning' : 'cov'}>
      <span
        class="meter"
        role="meter"
        aria-label={`Coverage of ${source.name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={pct}
      >
        <i class="mz w" style={{ left: 0, width: COVERAGE_FLOOR_PCT + '%' }} />
        <i class={low ? 'mv s-warning' : 'mv'} style={{ width: Math.min(100, pct) + '%' }} />
      </span>
      <b>{roundPercent(pct)}</b>
    </span>
  );
}

/** A count that should be zero: with a mark when it is not. */
export function Bad({ n, why }: { n: number | null; why: string }) {
  return n ? (
    <span class="inst warning" title={why}>
      <Icon name="warning" size={11} />
      {count(n)}
    </span>
  ) : (
    <>{count(n)}</>
  );
}

/** What the phone has no columns for. */
function Rest({ source }: { source: SourceInfo }) {
  const part = (n: number | null, what: string) => (n == null ? null : `${count(n)} ${what}`);
  const parts = [
    kindWord(source.kind),
    source.interval_seconds ? `each ${span(source.interval_seconds)}` : null,
    part(source.series, 'series'),
    part(source.mapped, 'mapped'),
    source.unmatched ? part(source.unmatched, 'not matched') : null,
    source.refused ? part(source.refused, 'refused') : null,
  ];
  return (
    <p class="mut">
      {parts.filter(Boolean).join(', ')}
      {source.url && <span class="mono addr">{source.url}</span>}
    </p>
  );
}

function Age({ source }: { source: SourceInfo }) {
  const age = ageOf(source, daemonNow.value);
  if (age == null) return <>never</>;
  return (
    <time dateTime={source.last_success!} title={moment(Date.parse(source.last_success!), tz.value)}>
      {span(age)} ago
    </time>
  );
}

const COLUMNS = 11;

export function SourceRow({ source }: { source: SourceInfo }) {
  const { status, word } = stateOf(source, daemonNow.value);
  const dropped = source.dropped ? `, ${count(source.dropped)} left out by a rule` : '';
  const more = source.error || source.note || narrow.value;
  return (
    <>
      <tr class={more ? 'led' : ''}>
        <th scope="row">
          <span class="srcn">
            <StatusMark status={status} text={word} />
            <b title={source.name}>{source.name}</b>
          </span>
        </th>
        <td class="desk">{kindWord(source.kind)}</td>
        <td class="desk addr">{source.url ? <span class="mono">{source.url}</span> : NONE}</td>
        <td class={word === 'Late' ? 'r warning' : 'r'}>
          <Age source={source} />
        </td>
        <td class="r desk broad">{source.interval_seconds ? span(source.interval_seconds) : NONE}</td>
        <td class="r desk broad">{source.duration_ms == null ? NONE : `${digits(source.duration_ms)}${GAP}ms`}</td>
        <td
          class="r desk"
          title={source.points == null ? undefined : `${count(source.points)} samples${dropped}`}
        >
          {count(source.series)}
        </td>
        <td class="r desk">{count(source.mapped)}</td>
        <td class="r desk">{count(source.unmatched)}</td>
        <td class="r desk">
          <Bad n={source.refused} why="Refused: over the limit of series" />
        </td>
        <td>
          <Coverage source={source} />
        </td>
      </tr>
      {more && (
        <tr class="sub2">
          <td colSpan={narrow.value ? 3 : COLUMNS}>
            {narrow.value && <Rest source={source} />}
            {source.error && <p class="critical">{source.error}</p>}
            {source.note && <p>{source.note}</p>}
          </td>
        </tr>
      )}
    </>
  );
}
