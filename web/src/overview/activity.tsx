// What happened, newest first.
import { lost, type Live } from '../state/live';
import { go, route } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Icon } from '../ui/icon';
import { EventLine } from './event-line';

const ROWS = 5;

export function Activity({ data }: { data: Live }) {
  const { svc } = route.value;
  const events = data.events
    .filter((event) => !svc || !event.service || event.service === svc)
    .slice(0, ROWS);
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
          Nothing has happened yet. Changes of status, collectors and storage appear here.
        </p>
      )}
    </Card>
  );
}
