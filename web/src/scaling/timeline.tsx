// The last day of one policy: how full, how many, what was done; and below, all actions.
import { useMemo, useState } from 'preact/hooks';
import type { Action, Rule, Target } from '../api/scaling-types';
import { Chart } from '../chart/chart';
import { getHistory, refreshSeconds, windowFor } from '../chart/history';
import { useFetch } from '../chart/use-fetch';
import { count, NONE, percent, roundPercent } from '../format/number';
import { clock, day, zoneName } from '../format/time';
import { resourceWord } from '../format/words';
import { daemonNow, pictureAt } from '../state/live';
import { go, range, tz } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { downloadCsv } from '../ui/download';
import { Failed } from '../ui/failed';
import { Icon, type IconName } from '../ui/icon';
import { Menu } from '../ui/menu';
import { Pager, pageWithin } from '../ui/pager';
import { copyAsCurl, copyCommand } from '../ui/share';
import { Skeleton } from '../ui/skeleton';
import { flagsOf, INSTANCES, instancesAt, timelineOf, USED } from './timeline-model';
import { endWord } from './words';

const HEIGHT = 240;
const ROWS = 8;

function Picture({ rule, target, actions }: { rule: Rule; target: Target; actions: Action[] }) {
  const [table, setTable] = useState(false);
  const window = windowFor(range.value.seconds);
  const fetched = useFetch(
    `${rule.service} ${rule.resource_type} ${window.span} ${window.step}`,
    refreshSeconds(window.step),
    () => getHistory(rule.service, rule.resource_type, window),
  );
  const history = fetched.data;
  const line = useMemo(
    () => (history ? timelineOf(history, rule, target, actions) : null),
    [history, rule, target, actions],
  );
  if (fetched.error && !history) return <Failed error={fetched.error} retry={fetched.retry} />;
  if (!line || !history) return <Skeleton height={HEIGHT} />;
  const to = Math.floor(pictureAt.value);
  const instances = instancesAt(line.x, target, actions);
  return (
    <div class="tlchart">
      <div class="lg between">
        <span>
          <span>
            <i style={{ background: 'var(--c1)' }} />
            {resourceWord(rule.resource_type).name}, %
          </span>
          <span>
            <i style={{ background: 'var(--c5)' }} />
            {target.unit}
          </span>
        </span>
        <Button kind="gh sm" icon="table" label="Data table" pressed={table} onClick={() => setTable(!table)} />
      </div>
      <Chart
        label={`${resourceWord(rule.resource_type).name} of ${rule.service} and its ${target.unit}, ${range.value.words}`}
        x={line.x}
        series={line.series}
        thresholds={line.thresholds}
        marks={{ now: to, shades: [], flags: flagsOf(actions, target.name), dot: null }}
        rows={(i) => [
          { name: USED, value: percent(line.series[0]?.values[i]), line: '--c1' },
          { name: INSTANCES, value: count(instances[i]), line: '--c5' },
        ]}
        from={to - window.span}
        to={to}
        yTop={100}
        bridge={2.5 * window.step}
        format={roundPercent}
        height={HEIGHT}
        dim={fetched.slow}
        table={table}
        setTable={setTable}
      />
    </div>
  );
}

const WAYS: Record<string, IconName> = { SCALE_OUT: 'up', SCALE_UP: 'up', SCALE_IN: 'fall', SCALE_DOWN: 'fall' };

function when(time: string): string {
  const ms = Date.parse(time);
  const zone = tz.value;
  const today = day(ms, zone) === day(daemonNow.peek(), zone);
  return today ? clock(ms, zone) : `${day(ms, zone)} ${clock(ms, zone)}`;
}

function ActionRow({ action }: { action: Action }) {
  const { decision_id: id } = action;
  return (
    <tr>
      <td>{when(action.timestamp)}</td>
      <td>
        <Icon name={WAYS[action.direction] ?? 'dash'} size={14} title={action.direction.toLowerCase().replace('_', ' ')} />
      </td>
      <td>
        <button type="button" class="lk" onClick={() => id && go({ decision: id })}>
          {action.target}
        </button>
      </td>
      <td class="r">
        {count(action.from_value)} <span aria-label="to">→</span> <b>{count(action.to_value)}</b>
      </td>
      <td class="el why desk" title={action.reason}>
        {action.reason || NONE}
      </td>
      <td class="r">
        <span class={`end-${action.state}`}>{endWord(action.state)}</span>
        {action.actor && action.actor !== 'loadline' && <span class="mut">, {action.actor}</span>}
      </td>
    </tr>
  );
}

function exportCsv(actions: Action[]): void {
  downloadCsv('loadline-scaling-history.csv', [
    ['action_id', 'time_utc', 'target', 'rule_id', 'direction', 'from', 'to', 'state', 'actor', 'reason', 'decision_id'],
    ...actions.map((a) => [
      a.action_id,
      a.timestamp,
      a.target,
      a.rule_id,
      a.direction,
      a.from_value,
      a.to_value,
      a.state,
      a.actor,
      a.reason,
      a.decision_id,
    ]),
  ]);
}

interface Props {
  rule: Rule | null; // whose picture is shown
  target: Target | null;
  actions: Action[];
}

export function TimelineCard({ rule, target, actions }: Props) {
  const [page, setPage] = useState(0);
  const at = pageWithin(page, ROWS, actions.length);
  return (
    <Card
      title="Scaling timeline"
      sub={rule ? `${rule.service}, ${range.value.words}: utilization, instances, actions` : 'actions of the last 24\u00a0h'}
      css="s8 timeline"
      controls={
        <Menu
          icon="download"
          label="Export the history"
          items={[
            { icon: 'code', name: 'Copy as curl', run: () => copyAsCurl([{ path: 'actions', query: { hours: '24' } }]) },
            { icon: 'copy', name: 'Copy as command', run: () => copyCommand(['loadline history']) },
            { icon: 'download', name: 'Download CSV', run: () => exportCsv(actions) },
          ]}
        />
      }
    >
      {rule && target && <Picture key={rule.rule_id} rule={rule} target={target} actions={actions} />}
      {actions.length === 0 ? (
        <p class="note none">Nothing was proposed or done in the last 24{'\u00a0'}h.</p>
      ) : (
        <div class="sx" tabIndex={0} role="region" aria-label="Actions, table">
          <table class="acted">
            <thead>
              <tr>
                <th scope="col">Time, {zoneName(tz.value, daemonNow.peek())}</th>
                <th scope="col">
                  <span class="sr">Direction</span>
                </th>
                <th scope="col">Target</th>
                <th scope="col" class="r">
                  From → to
                </th>
                <th scope="col" class="desk">
                  Why
                </th>
                <th scope="col" class="r">
                  Outcome
                </th>
              </tr>
            </thead>
            <tbody>
              {actions.slice(at * ROWS, (at + 1) * ROWS).map((action) => (
                <ActionRow key={action.action_id} action={action} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager what="Actions" page={at} total={actions.length} size={ROWS} turn={setPage} />
    </Card>
  );
}
