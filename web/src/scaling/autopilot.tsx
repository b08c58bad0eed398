// How far Loadline may go, how many policies go how far, what it did today, and the brake.
import { useState } from 'preact/hooks';
import { send } from '../api/client';
import { role } from '../api/session';
import type { Action, Mode, ModeState } from '../api/scaling-types';
import { count } from '../format/number';
import { moment } from '../format/time';
import { tz } from '../state/route';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Segments } from '../ui/segments';
import { Ask, type Question } from './ask';
import { MODES, modeWord } from './words';

const SPANS = [
  { id: 'now+1h', name: '1\u00a0h' },
  { id: 'now+4h', name: '4\u00a0h' },
  { id: 'now+24h', name: '24\u00a0h' },
] as const;

const QUESTIONS: Record<Mode, string> = {
  off: 'Decisions are still made and kept; nothing is proposed and nothing is done.',
  observe: 'Loadline says what it would do, and does nothing.',
  approve: 'Loadline proposes, and does what a person approves. Policies that only observe still observe.',
  auto: 'Policies in the mode auto act by themselves, within their limits. Policies in another mode stay as they are.',
};

export const mayOperate = () => role.value !== null && role.value !== 'viewer';
const mayEdit = () => role.value === 'editor' || role.value === 'admin';

const PAUSED = { in: 'Scale-in is paused', out: 'Scale-out is paused', both: 'All scaling is paused' } as const;

interface Props {
  mode: ModeState;
  actions: Action[];
  changed: () => void;
}

function Today({ actions }: { actions: Action[] }) {
  const of = (...states: string[]) => actions.filter(({ state }) => states.includes(state)).length;
  const done = of('applied');
  const failed = of('failed', 'unknown', 'not_applied');
  return (
    <span>
      Last 24{'\u00a0'}h{' '}
      <b>
        {count(done)} {done === 1 ? 'action' : 'actions'}, {count(failed)} failed
      </b>
    </span>
  );
}

export function Autopilot({ mode, actions, changed }: Props) {
  const [question, setQuestion] = useState<Question | null>(null);
  const { pause } = mode;
  const paused = pause.what !== 'none' && PAUSED[pause.what];
  const choose = (next: Mode) =>
    next !== mode.mode &&
    setQuestion({
      title: `Autopilot: ${modeWord(next)}?`,
      text: QUESTIONS[next],
      yes: `Set to ${modeWord(next)}`,
      act: async () => {
        await send('PUT', 'mode', { mode: next });
        changed();
      },
    });
  const brake = () =>
    setQuestion({
      title: 'Pause all scaling?',
      text: 'Nothing is sent to any target until the time is over or somebody resumes. Decisions are still made and kept.',
      yes: 'Pause all scaling',
      reason: true,
      spans: SPANS,
      act: async (reason, until) => {
        await send('PUT', 'pause', { what: 'both', until, reason });
        changed();
      },
    });
  const resume = () =>
    setQuestion({
      title: 'Resume scaling?',
      text: `It was paused by ${pause.actor || 'somebody'}: ${pause.reason || 'no reason was given'}.`,
      yes: 'Resume scaling',
      act: async () => {
        await send('PUT', 'pause', { what: 'none' });
        changed();
      },
    });
  const counts = MODES.filter(({ id }) => mode.rules[id] > 0)
    .map(({ id, name }) => `${count(mode.rules[id])} ${name.toLowerCase()}`)
    .join(', ');
  return (
    <section class="card s12 autopilot" aria-label="Autopilot">
      <h2>Autopilot</h2>
      {mayEdit() ? (
        <Segments label="Autopilot" items={MODES} chosen={mode.mode} choose={choose} />
      ) : (
        <b>{modeWord(mode.mode)}</b>
      )}
      <span>
        Policies <b>{counts || 'none yet'}</b>
      </span>
      <Today actions={actions} />
      {paused && (
        <span class="st st-warning">
          <Icon name="pause" size={14} />
          {paused}
          {pause.until && ` until ${moment(Date.parse(pause.until), tz.value)}`}
          {pause.actor && `, by ${pause.actor}`}
        </span>
      )}
      <span class="sp" />
      {mayOperate() &&
        (paused ? (
          <Button icon="play" onClick={resume}>
            Resume
          </Button>
        ) : (
          <Button icon="pause" onClick={brake}>
            Pause all scaling
          </Button>
        ))}
      {question && <Ask question={question} close={() => setQuestion(null)} />}
    </section>
  );
}
