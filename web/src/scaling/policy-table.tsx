// Every policy: its signal against the band, the count now and wanted, what it is doing, and why.
import { useState } from 'preact/hooks';
import { send } from '../api/client';
import { role } from '../api/session';
import type { Mode, Rule } from '../api/scaling-types';
import { count, NONE, percent } from '../format/number';
import { resourceWord } from '../format/words';
import { go, route } from '../state/route';
import { Card } from '../ui/card';
import { downloadCsv } from '../ui/download';
import { Icon } from '../ui/icon';
import { Menu, type MenuItem } from '../ui/menu';
import { Select } from '../ui/select';
import { copyAsCurl, copyCommand } from '../ui/share';
import { Ask, type Question } from './ask';
import { mayOperate } from './autopilot';
import { Band, Cooldown, RangeBar } from './gauges';
import type { Policies } from './use-policies';
import { bandOf, MODES, modeWord, policyWord, stateOf, cooldownOf } from './words';

const COOLDOWNS = [
  { id: '300', name: '5\u00a0m' },
  { id: '900', name: '15\u00a0m' },
  { id: '3600', name: '1\u00a0h' },
] as const;

type Ask1 = (question: Question) => void;

/** What may be done with a policy, by this person. */
function menuOf(rule: Rule, ask: Ask1, changed: () => void): MenuItem[] {
  const items: MenuItem[] = [];
  const decision = rule.last?.decision_id;
  if (decision) items.push({ icon: 'search', name: 'Why?', run: () => go({ decision }) });
  if (mayOperate())
    items.push({
      icon: 'clock',
      name: 'Set cooldown',
      run: () =>
        ask({
          title: `Cooldown of ${rule.rule_id}`,
          text: `${rule.target} is left alone so long, in both directions.`,
          yes: 'Set cooldown',
          spans: COOLDOWNS,
          act: async (_, seconds) => {
            await send('PUT', `rules/${encodeURIComponent(rule.rule_id)}/cooldown`, { seconds: Number(seconds) });
            changed();
          },
        }),
    });
  if (role.value === 'editor' || role.value === 'admin')
    for (const { id, name } of MODES.filter((m) => m.id !== rule.mode))
      items.push({
        icon: 'gear',
        name: `Mode: ${name.toLowerCase()}`,
        run: () =>
          ask({
            title: `${rule.rule_id}: ${name}?`,
            text: 'No policy goes further than the autopilot above allows.',
            yes: `Set to ${name}`,
            act: async () => {
              await send('PUT', 'mode', { mode: id, rule_id: rule.rule_id });
              changed();
            },
          }),
      });
  items.push({ icon: 'copy', name: 'Copy as command', run: () => copyCommand([`loadline rules get ${rule.rule_id}`]) });
  return items;
}

interface RowProps {
  rule: Rule;
  policies: Policies;
  ceiling: Mode;
  ask: Ask1;
  changed: () => void;
}

function Row({ rule, policies, ceiling, ask, changed }: RowProps) {
  const target = policies.targets.get(rule.target);
  if (!target) return null;
  const { proposal, last } = rule;
  const state = stateOf(target, rule);
  const value = proposal?.utilization_pct ?? null;
  const to = last && last.wanted !== target.current ? last.wanted : null;
  const cooling = cooldownOf(target) != null && state.word === 'Cooling down';
  const far = MODES.findIndex((m) => m.id === ceiling) < MODES.findIndex((m) => m.id === rule.mode);
  return (
    <tr>
      <th scope="row">
        <button type="button" class="svc" data-row={rule.rule_id} onClick={() => last?.decision_id && go({ decision: last.decision_id })}>
          <b>{rule.service}</b> <span class="mut">{resourceWord(rule.resource_type).name}</span>
        </button>
      </th>
      <td class="desk">{policyWord(rule.policy)}</td>
      <td class="desk">
        <Band value={value} band={bandOf(rule)} critical={rule.thresholds?.critical_pct} />
      </td>
      <td class="r">{percent(value)}</td>
      <td class="r">
        {to == null ? (
          <b>{count(target.current)}</b>
        ) : (
          <>
            <b>{count(target.current)}</b> <span aria-label="to">→</span> <b class="to">{count(to)}</b>
          </>
        )}
      </td>
      <td class="desk">
        <RangeBar target={target} to={to} />
      </td>
      <td>
        {cooling ? (
          <Cooldown target={target} length={rule.thresholds?.cooldown_seconds ?? 0} />
        ) : (
          <span class={`pill ${state.tone}`}>
            <Icon name={state.icon} size={13} />
            {state.word}
          </span>
        )}
      </td>
      <td class="desk el why" title={last?.reason ?? ''}>
        {target.condition ?? last?.reason ?? NONE}
      </td>
      <td class="desk" title={far ? `The autopilot is set to ${modeWord(ceiling).toLowerCase()}` : undefined}>
        {modeWord(rule.mode)}
        {far && <span class="mut">, held to {modeWord(ceiling).toLowerCase()}</span>}
      </td>
      <td class="r">
        <Menu icon="more" label={`More of ${rule.rule_id}`} items={menuOf(rule, ask, changed)} />
      </td>
    </tr>
  );
}

function exportCsv(rules: Rule[], policies: Policies): void {
  downloadCsv('loadline-policies.csv', [
    ['rule_id', 'target', 'service', 'resource_type', 'policy', 'mode', 'utilization_pct', 'current', 'wanted', 'reason'],
    ...rules.map((r) => [
      r.rule_id,
      r.target,
      r.service,
      r.resource_type,
      r.policy,
      r.mode,
      r.proposal?.utilization_pct ?? null,
      policies.targets.get(r.target)?.current ?? null,
      r.last?.wanted ?? null,
      r.last?.reason ?? '',
    ]),
  ]);
}

const TYPES = [
  { id: '', name: 'All' },
  ...(['THRESHOLD', 'PREDICTIVE', 'SCHEDULED', 'MANUAL'] as const).map((id) => ({ id: id as string, name: policyWord(id) })),
];

export function PolicyTable({ policies, changed }: { policies: Policies; changed: () => void }) {
  const [type, setType] = useState('');
  const [question, setQuestion] = useState<Question | null>(null);
  const { svc, res } = route.value;
  const rules = policies.rules.filter(
    (r) => (!type || r.policy === type) && (!svc || r.service === svc) && (!res || r.resource_type === res),
  );
  const hidden = policies.rules.length - rules.length;
  return (
    <Card
      title="Policies"
      sub={`${count(rules.length)} shown${hidden ? `, ${count(hidden)} more by the filters` : ''}`}
      css="s12 policies"
      controls={
        <>
          <Select label="Type" items={TYPES} chosen={type} choose={setType} />
          <Menu
            icon="download"
            label="Export the policies"
            items={[
              { icon: 'code', name: 'Copy as curl', run: () => copyAsCurl([{ path: 'rules' }, { path: 'targets' }]) },
              { icon: 'copy', name: 'Copy as command', run: () => copyCommand(['loadline rules list']) },
              { icon: 'download', name: 'Download CSV', run: () => exportCsv(rules, policies) },
            ]}
          />
        </>
      }
    >
      <div class="sx" tabIndex={0} role="region" aria-label="Policies, table">
        <table class="pol">
          <thead>
            <tr>
              <th scope="col">Policy</th>
              <th scope="col" class="desk">
                Type
              </th>
              <th scope="col" class="desk">
                Signal against its band
              </th>
              <th scope="col" class="r">
                Now
              </th>
              <th scope="col" class="r">
                Current → desired
              </th>
              <th scope="col" class="desk">
                Range, min to max
              </th>
              <th scope="col">State</th>
              <th scope="col" class="desk">
                Why
              </th>
              <th scope="col" class="desk">
                Mode
              </th>
              <th scope="col">
                <span class="sr">More</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <Row
                key={rule.rule_id}
                rule={rule}
                policies={policies}
                ceiling={policies.mode.mode}
                ask={setQuestion}
                changed={changed}
              />
            ))}
          </tbody>
        </table>
      </div>
      {question && <Ask question={question} close={() => setQuestion(null)} />}
    </Card>
  );
}
