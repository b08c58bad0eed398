// No first snapshot after some seconds: the page is there, the daemon's stream is not.
import { retryAt, tryNow } from '../api/stream';
import { span } from '../format/time';
import { now } from '../state/live';
import { Button } from '../ui/button';
import { Empty } from '../ui/empty';

export function Unreachable() {
  const wait = Math.max(0, Math.ceil((retryAt.value - now.value) / 1000));
  return (
    <section class="card s12 waiting">
      <Empty icon="critical" tone="bad" title="No live data yet" as="h1">
        <p role="status">
          The daemon's stream did not answer. {wait ? `Trying again in ${span(wait)}.` : 'Trying again now.'}{' '}
          In a terminal, <code class="mono">loadline doctor</code> says why.
        </p>
        <Button onClick={tryNow}>Try now</Button>
      </Empty>
    </section>
  );
}
