// The sources in short: state, name, age, coverage, and what is wrong; the page has the rest.
import type { SourceInfo } from '../api/types';
import { count, roundPercent } from '../format/number';
import { span } from '../format/time';
import { ageOf, COVERAGE_FLOOR_PCT, kindWord, stateOf } from '../sources/model';
import { placeLink } from '../shell/tab-link';
import { daemonNow } from '../state/live';
import { route } from '../state/route';
import { Icon } from '../ui/icon';
import { StatusMark } from '../ui/status';

const ROWS = 6;
const RANK = ['CRITICAL', 'WARNING', 'UNKNOWN', 'HEALTHY'];

function trouble({ refused, unmatched }: SourceInfo): string {
  const part = (n: number | null, what: string) => (n ? `${count(n)} ${what}` : '');
  return [part(refused, 'refused'), part(unmatched, 'not matched')].filter(Boolean).join(', ');
}

function Line({ source, now }: { source: SourceInfo; now: number }) {
  const { status, word } = stateOf(source, now);
  const age = ageOf(source, now);
  const bad = trouble(source);
  const { coverage_pct: pct } = source;
  return (
    <li>
      <a {...placeLink('overview', 'sources', route.value)} title={source.error ?? source.note ?? undefined}>
        <StatusMark status={status} text={false} />
        <span class="sr">{word}</span>
        <span class="el">
          <b>{source.name}</b> <span class="mut">{kindWord(source.kind)}</span>
        </span>
        <span class="end">
          {pct != null && (
            <span class={pct < COVERAGE_FLOOR_PCT ? 'warning' : 'mut'} title="Coverage">
              {roundPercent(pct)}
            </span>
          )}
          <span>{age == null ? 'never' : span(age)}</span>
        </span>
        {bad && (
          <span class="bad warning">
            <Icon name="warning" size={11} />
            {bad}
          </span>
        )}
      </a>
    </li>
  );
}

export function SourceLines({ sources }: { sources: SourceInfo[] }) {
  const now = daemonNow.value;
  const rank = (s: SourceInfo) => RANK.indexOf(stateOf(s, now).status);
  const worst = [...sources].sort((a, b) => rank(a) - rank(b));
  return (
    <ul class="srcs" aria-label="Sources">
      {worst.slice(0, ROWS).map((source) => (
        <Line key={`${source.kind} ${source.name}`} source={source} now={now} />
      ))}
      {worst.length > ROWS && <li class="note">and {worst.length - ROWS} more</li>}
    </ul>
  );
}
