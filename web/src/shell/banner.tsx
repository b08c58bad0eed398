// The amber bar: live updates stopped, how old the numbers are, when we try again.
import { heardAt, link, retryAt, tryNow } from '../api/stream';
import { momentSeconds, span } from '../format/time';
import { live, lost, now } from '../state/live';
import { tz } from '../state/route';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { overlay } from './overlay';

/** The session ended: what is on screen stays, and grows old. */
function SignedOut({ from }: { from: number }) {
  return (
    <div class="ban" role="status">
      <Icon name="key" />
      <div>
        <b>Signed out.</b> The numbers below are from {momentSeconds(from, tz.value)}. Sign in to follow again.
      </div>
      <Button kind="sm" onClick={() => (overlay.value = 'sign-in')}>
        Sign in
      </Button>
    </div>
  );
}

export function Banner() {
  const from = live.value ? Date.parse(live.value.summary.timestamp) : heardAt.value;
  if (link.value === 'out') return live.value && <SignedOut from={from} />;
  if (!lost.value) return null;
  const age = (now.value - heardAt.value) / 1000;
  const wait = Math.max(0, Math.ceil((retryAt.value - now.value) / 1000));
  const next =
    link.value === 'reconnecting' && retryAt.value > 0 && wait > 0
      ? `Trying again in ${span(wait)}.`
      : 'Trying again now.';
  return (
    <div class="ban" role="status">
      <Icon name="warn" />
      <div>
        <b>Live updates stopped {span(age)} ago.</b> The numbers below are from{' '}
        {momentSeconds(from, tz.value)}. {next}
      </div>
      <Button kind="sm" onClick={tryNow}>
        Try now
      </Button>
    </div>
  );
}
