// Utilisation of one policy's signal, the instances that its target had, and what was done.
import type { Action, Rule, Target } from '../api/scaling-types';
import type { History } from '../api/types';
import type { Marks } from '../chart/marks';
import type { Series, Threshold } from '../chart/plot';
import { count, roundPercent } from '../format/number';
import { bandOf } from './words';

export const USED = 'Utilization';
export const INSTANCES = 'Instances';

const seconds = (time: string) => Date.parse(time) / 1000;

/** The actions that changed the target, oldest first. */
const applied = (actions: Action[], target: string) =>
  actions.filter((a) => a.target === target && a.state === 'applied').reverse();

/** The count that a target had at each time, by what was done to it and what it has now; where
 *  nothing is known of a time, null. */
export function instancesAt(x: number[], target: Target, actions: Action[]): (number | null)[] {
  const steps = applied(actions, target.name).map((a) => ({
    at: seconds(a.changed ?? a.timestamp),
    from: a.from_value,
    to: a.to_value,
  }));
  return x.map((t) => {
    const last = steps.filter(({ at }) => at <= t).pop();
    if (last) return last.to;
    const next = steps.find(({ at }) => at > t);
    return next ? next.from : target.current;
  });
}

const FLAGGED = new Set(['applied', 'failed', 'unknown', 'proposed']);

export function flagsOf(actions: Action[], target: string): Marks['flags'] {
  return actions
    .filter((a) => a.target === target && FLAGGED.has(a.state))
    .map((a) => {
      const way = `${count(a.from_value)} → ${count(a.to_value)}`;
      const word = a.state === 'applied' ? '' : a.state === 'proposed' ? 'Proposed ' : `${a.state}: `;
      return { at: seconds(a.timestamp), names: [word + way] };
    })
    .sort((a, b) => a.at - b.at);
}

export interface Timeline {
  x: number[];
  series: Series[];
  thresholds: Threshold[];
}

export function timelineOf(history: History, rule: Rule, target: Target, actions: Action[]): Timeline {
  const used = history.columns.utilization_pct;
  const x = used.map((_, i) => history.t0 + i * history.step);
  const instances = instancesAt(x, target, actions);
  const band = bandOf(rule);
  const highest = Math.max(1, ...instances.map((n) => n ?? 0));
  return {
    x,
    series: [
      { name: USED, line: '--c1', values: used, width: 1.8 },
      // On the axis of per cent: a third of its height where there are the most.
      { name: INSTANCES, line: '--c5', values: instances.map((n) => (n == null ? null : (33 * n) / highest)), steps: true, width: 1.2 },
    ],
    thresholds: band
      ? [
          { value: band.high, line: '--crit', name: `Scale out ≥ ${roundPercent(band.high)}` },
          { value: band.low, line: '--over', name: `Scale in ≤ ${roundPercent(band.low)}` },
        ]
      : [],
  };
}
