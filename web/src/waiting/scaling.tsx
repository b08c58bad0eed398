import { live } from '../state/live';
import { Waiting } from './waiting';

export function Scaling() {
  const mode = live.value?.status.mode;
  return (
    <Waiting icon="scaling" title="Waits for scaling policies">
      <p>
        This version of Loadline only observes: it has no rules, makes no proposals and changes nothing.
        Rules, proposals and the reason for each decision will be here.
        {mode ? ` Mode: ${mode.toLowerCase()}.` : ''}
      </p>
    </Waiting>
  );
}
