// Proposals that wait for a person: from, to, why, until when, what it costs; approve or reject.
import { useState } from 'preact/hooks';
import { ApiError, send } from '../api/client';
import type { Action, Target } from '../api/scaling-types';
import { count, GAP } from '../format/number';
import { span } from '../format/time';
import { resourceWord } from '../format/words';
import { daemonNow } from '../state/live';
import { go } from '../state/route';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { tell } from '../ui/toast';
import { Ask, type Question } from './ask';
import { mayOperate } from './autopilot';
import type { Policies } from './use-policies';

/** The problem document of a changed base says how many there are now. */
const baseOf = (failed: ApiError) => (failed.problem as { current?: number | null }).current;

/** "+$0.38 an hour", for as long as it stays so. */
function priceOf({ price_per_instance_hour: price }: Target, { from_value, to_value }: Action): string {
  if (price == null || from_value == null || to_value == null) return '';
  const more = price * (to_value - from_value);
  return `${more < 0 ? '−' : '+'}$${Math.abs(more).toFixed(2)} an hour`;
}

function Checks({ target, action }: { target: Target; action: Action }) {
  const to = action.to_value ?? 0;
  const inside = to >= target.min_instances && to <= target.max_instances;
  const checks = [
    inside && `Inside range ${count(target.min_instances)} to ${count(target.max_instances)}`,
    target.ready != null && target.ready === target.current && `All ${count(target.ready)} ready`,
    target.freeze.what === 'none' && 'No freeze',
  ].filter((text) => typeof text === 'string');
  return (
    <ul class="checks">
      {checks.map((text) => (
        <li key={text}>
          <Icon name="check" size={13} />
          {text}
        </li>
      ))}
    </ul>
  );
}

interface Props {
  action: Action;
  target: Target;
  trouble: string;
  setTrouble: (text: string) => void;
  changed: () => void;
}

function ProposalCard({ action, target, trouble, setTrouble, changed }: Props) {
  const [question, setQuestion] = useState<Question | null>(null);
  const [busy, setBusy] = useState(false);
  const { from_value: from, to_value: to } = action;
  const left = action.expires ? (Date.parse(action.expires) - daemonNow.value) / 1000 : null;

  const approve = () =>
    setQuestion({
      title: `Scale ${action.target} from ${count(from)} to ${count(to)}?`,
      text: `${action.reason}. It is sent at once, if there are still ${count(from)}.`,
      yes: `Approve ${count(to)}`,
      act: async () => {
        setBusy(true);
        setTrouble('');
        try {
          await send('POST', `actions/${action.action_id}/approve`);
          tell(`${action.target}: ${count(from)} → ${count(to)} approved`);
        } catch (failed) {
          if (!(failed instanceof ApiError) || failed.problem.status !== 409) throw failed;
          const base = baseOf(failed);
          setTrouble(`${failed.message}${base == null ? '' : `. There are ${count(base)} now.`}`);
        } finally {
          setBusy(false);
          changed();
        }
      },
    });
  const reject = () =>
    setQuestion({
      title: `Reject ${count(to)} for ${action.target}?`,
      text: 'The same is not proposed again for a while. Other proposals may come.',
      yes: 'Reject',
      act: async () => {
        await send('POST', `actions/${action.action_id}/reject`);
        tell(`${action.target}: proposal rejected`);
        changed();
      },
    });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || !mayOperate()) return;
    const act = { a: approve, r: reject }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <article
      class="card s6 proposal"
      aria-label={`Proposal for ${action.target}`}
      tabIndex={0}
      data-row={action.action_id}
      onKeyDown={onKeyDown}
    >
      <header>
        <h3>{action.target}</h3>
        <span class="pill accent">
          {action.service}, {resourceWord(action.resource_type).name}
        </span>
        <span class="sp" />
        <span class="fromto">
          {count(from)} <span aria-label="to">→</span> <b>{count(to)}</b>
          <small>{target.unit}</small>
        </span>
      </header>
      <div class="why">
        <p>{action.reason}</p>
        <p class="aside">
          {priceOf(target, action)}
          {left != null && <span>{left > 0 ? `Expires in ${span(left)}` : 'Expired'}</span>}
        </p>
      </div>
      <Checks target={target} action={action} />
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      <footer>
        {mayOperate() && (
          <>
            <button type="button" class="btn pri" disabled={busy} onClick={approve}>
              <Icon name="check" size={14} />
              Approve
            </button>
            <Button icon="close" onClick={reject}>
              Reject
            </Button>
          </>
        )}
        {action.decision_id && (
          <Button kind="gh" onClick={() => go({ decision: action.decision_id! })}>
            Why{GAP}
            {count(to)}?
          </Button>
        )}
        <span class="sp" />
        {mayOperate() && (
          <span class="hint desk">
            <kbd>A</kbd> approve <kbd>R</kbd> reject
          </span>
        )}
      </footer>
      {question && <Ask question={question} close={() => setQuestion(null)} />}
    </article>
  );
}

export function waiting({ targets }: Policies): Target[] {
  return [...targets.values()].filter(({ action }) => action?.state === 'proposed');
}

export function Proposals({ policies, changed }: { policies: Policies; changed: () => void }) {
  // Of a target, not of a proposal: one whose base has changed gives way to the next.
  const [trouble, setTrouble] = useState<Record<string, string>>({});
  return (
    <>
      {waiting(policies).map((target) => (
        <ProposalCard
          key={target.action!.action_id}
          action={target.action!}
          target={target}
          trouble={trouble[target.name] ?? ''}
          setTrouble={(text) => setTrouble({ [target.name]: text })}
          changed={changed}
        />
      ))}
    </>
  );
}
