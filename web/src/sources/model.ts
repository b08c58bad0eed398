// What the page says of the sources: words, states, sums.  Not known is not zero.
import type { Discovery, SourceInfo, Status } from '../api/types';

const KINDS: Record<string, string> = {
  prometheus: 'Prometheus',
  scrape: 'Scrape',
  remote_write: 'Remote write',
  postgres: 'PostgreSQL',
  host: 'This host',
  agent: 'Agent',
};

export const kindWord = (kind: string) => KINDS[kind] ?? kind;

export const SOURCE_STATES: Record<string, { status: Status; word: string }> = {
  up: { status: 'HEALTHY', word: 'Up' },
  down: { status: 'CRITICAL', word: 'Down' },
  waiting: { status: 'UNKNOWN', word: 'Waiting' },
};

const LATE = { status: 'WARNING' as Status, word: 'Late' };
const LATE_INTERVALS = 3;
const LATE_LEAST_SECONDS = 60;
/** Below this share of the series of the round before, nothing is taken for gone. */
export const COVERAGE_FLOOR_PCT = 80;

/** Seconds since the last success, by the daemon's clock; null when there was none. */
export function ageOf(source: SourceInfo, nowMs: number): number | null {
  return source.last_success ? Math.max(0, (nowMs - Date.parse(source.last_success)) / 1000) : null;
}

/** The state in words: one that says it is up and has not been heard is late. */
export function stateOf(source: SourceInfo, nowMs: number): { status: Status; word: string } {
  const known = SOURCE_STATES[source.state] ?? { status: 'UNKNOWN' as Status, word: source.state };
  const age = ageOf(source, nowMs);
  const bound = Math.max(LATE_INTERVALS * (source.interval_seconds ?? 0), LATE_LEAST_SECONDS);
  return source.state === 'up' && source.interval_seconds && age != null && age > bound ? LATE : known;
}

const sum = (values: (number | null | undefined)[]): number | null => {
  const known = values.filter((value) => value != null);
  return known.length ? known.reduce((a, b) => a + b, 0) : null;
};

export interface Sums {
  up: number;
  series: number | null;
  mapped: number | null;
  unmatched: number | null;
  refused: number | null;
  coverage: number | null; // the worst
  short: number; // services with instances that are not ready
}

export function sumsOf({ sources, services }: Discovery): Sums {
  const known = sources.map((s) => s.coverage_pct).filter((pct) => pct != null);
  return {
    up: sources.filter((s) => s.state === 'up').length,
    series: sum(sources.map((s) => s.series)),
    mapped: sum(sources.map((s) => s.mapped)),
    unmatched: sum(sources.map((s) => s.unmatched)),
    refused: sum(sources.map((s) => s.refused)),
    coverage: known.length ? Math.min(...known) : null,
    short: services.filter((s) => s.ready != null && s.desired != null && s.ready < s.desired).length,
  };
}

/** True when nothing but this host is watched. */
export const onlyHost = ({ sources }: Discovery) => sources.every((s) => s.kind === 'host');

const some = (n: number, one: string, many = one + 's') =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

/** The answer first: status, and a sentence with what is wrong or that all is well. */
export function verdictOf(data: Discovery, nowMs: number): [Status, string] {
  const { sources, services } = data;
  const named = (word: string) => sources.filter((s) => stateOf(s, nowMs).word === word).map((s) => s.name);
  const found = `${some(services.length, 'service')} found`;
  const down = named('Down');
  const late = named('Late');
  const waiting = named('Waiting');
  const { refused } = sumsOf(data);
  if (!sources.length) return ['UNKNOWN', 'Nothing is read yet: no source is configured.'];
  if (down.length)
    return [
      'CRITICAL',
      `${listed(down)} ${down.length === 1 ? 'is' : 'are'} down: what came from there grows old. ${found}.`,
    ];
  if (late.length) return ['WARNING', `${listed(late)} ${late.length === 1 ? 'is' : 'are'} late. ${found}.`];
  if (refused) return ['WARNING', `${some(refused, 'series', 'series')} refused, over a limit. ${found}.`];
  if (onlyHost(data))
    return ['HEALTHY', 'Only this host is watched. Add a source to find services.'];
  if (waiting.length)
    return [
      'UNKNOWN',
      `${listed(waiting)} ${waiting.length === 1 ? 'has' : 'have'} not delivered yet. ${found}.`,
    ];
  return ['HEALTHY', `All ${sources.length} sources deliver. ${found}.`];
}

function listed(names: string[]): string {
  if (names.length > 3) return `${names.length} sources`;
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
