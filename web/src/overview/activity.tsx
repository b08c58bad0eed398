// What happened, newest first.
import { lost, type Live } from '../state/live';
import { go, route } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Icon } from '../ui/icon';
import { EventLine } from './event-line';

const LEAST_ROWS = 5;

/** A long list of services leaves room beside it: a row of ours for two of its. */
const rowsBeside = (services: number) => LEAST_ROWS + Math.max(0, Math.floor((Math.min(services, 50) - 8) / 2));

export function Activity({ data }: { data: Live }) {
  const { svc } = route.value;
  const events = data.events
    .filter((event) => !svc || !event.service || event.service === svc)
    .slice(0, rowsBeside(svc ? 1 : data.services.length));
  return (
    <Card
      title="Activity"
      sub={lost.value ? 'Stopped' : 'Live'}
      css="grow"
      controls={
        <Button kind="gh sm" onClick={() => go({ open: 'events' })}>
          History
          <Icon name="right" size={12} />
        </Button>
      }
    >
      {events.length ? (
        <ol class="acts-list">
          {events.map((event) => (
            <EventLine key={event.id} event={event} />
          ))}
        </ol>
      ) : (
        <p class="none mut">
          {svc
            ? `Nothing new about ${svc}. Older happenings are in the history.`
            : 'Nothing has happened yet. Changes of status, collectors and storage appear here.'}
        </p>
      )}
    </Card>
  );
}
