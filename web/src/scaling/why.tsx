// One decision, stage by stage: the number after each, and what bound it.
import { get } from '../api/client';
import type { Decision, Stage } from '../api/scaling-types';
import { useFetch } from '../chart/use-fetch';
import { count, GAP } from '../format/number';
import { moment } from '../format/time';
import { tz } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Empty } from '../ui/empty';
import { Failed } from '../ui/failed';
import { Skeleton } from '../ui/skeleton';
import { copyLink, copyText } from '../ui/share';

const NEVER = 1e6; // a decision does not change

const STAGES: Record<string, { name: string; idle: string }> = {
  combine: { name: 'Combine', idle: 'one answer' },
  stabilize: { name: 'Stabilize', idle: 'no window holds it' },
  rate: { name: 'Step limit', idle: 'within the limits per period' },
  guards: { name: 'Guards', idle: 'none holds it' },
  range: { name: 'Range, quota', idle: 'inside' },
  flap: { name: 'Flap budget', idle: 'not used up' },
  mode: { name: 'Mode', idle: 'does not hold it' },
};

/** "would be 16 without it", where a stage changed the answer. */
function counterfactual({ before, after, without, bound }: Stage): string {
  if (bound === 'none' || (before === after && without === after)) return '';
  return without === after ? '' : `, ${count(without)} without it`;
}

function Steps({ decision }: { decision: Decision }) {
  const { proposals, stages } = decision.record!.decision;
  return (
    <ol class="steps">
      {proposals.map((p) => (
        <li key={p.rule_id}>
          <p>
            <b>{p.rule_id}</b> {p.text}
            {p.shadow && ' (not trusted, so it does not decide)'}
          </p>
          <b>{p.state === 'none' ? '–' : count(p.want)}</b>
        </li>
      ))}
      {stages.map((s) => (
        <li key={s.stage} class={s.bound === 'none' ? '' : 'bound'}>
          <p>
            <b>{STAGES[s.stage]?.name ?? s.stage}</b> {s.text || STAGES[s.stage]?.idle}
            {counterfactual(s)}
          </p>
          <b>{count(s.after)}</b>
        </li>
      ))}
    </ol>
  );
}

function Body({ decision }: { decision: Decision }) {
  return (
    <>
      <p class="verdict1">{decision.record?.decision.reason ?? `stays at ${count(decision.to)}`}</p>
      {decision.record ? (
        <Steps decision={decision} />
      ) : (
        <p class="note none">The record of this decision is not kept any more.</p>
      )}
      <p class="note when1">
        {moment(Date.parse(decision.timestamp), tz.value)}, decision {decision.decision_id}
      </p>
    </>
  );
}

export function Why({ id }: { id: string }) {
  const fetched = useFetch(id, NEVER, () => get<Decision>(`decisions/${encodeURIComponent(id)}`));
  const decision = fetched.data?.decision_id === id ? fetched.data : null;
  return (
    <Card
      title={decision ? `Why${GAP}${count(decision.record?.decision.stages.at(-2)?.after ?? decision.to)}?` : 'Why?'}
      sub={decision?.target}
      css="s4 whycard"
      controls={
        id && (
          <>
            <Button
              kind="gh"
              icon="copy"
              label="Copy as command"
              onClick={() => copyText(`loadline explain ${id} --replay`, 'Command')}
            />
            <Button kind="gh" icon="link" label="Copy link" onClick={() => copyLink(`#/scaling/decision/${id}`)} />
          </>
        )
      }
      foot="Every decision is kept, also “do nothing”"
    >
      {fetched.error && !decision ? (
        <Failed error={fetched.error} retry={fetched.retry} />
      ) : decision ? (
        <Body decision={decision} />
      ) : id ? (
        <Skeleton height={260} />
      ) : (
        <Empty icon="scaling" title="No decision yet">
          <p>The first comes with the first samples of a policy's signal.</p>
        </Empty>
      )}
    </Card>
  );
}
