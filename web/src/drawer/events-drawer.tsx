// Everything that happened, as far back as the daemon keeps it.
import { get } from '../api/client';
import type { Happening } from '../api/types';
import { useFetch } from '../chart/use-fetch';
import { EventLine } from '../overview/event-line';
import { live } from '../state/live';
import { Failed } from '../ui/failed';
import { Skeleton } from '../ui/skeleton';
import { Drawer } from './drawer';

const LIMIT = '200';
const REFRESH_SECONDS = 30;

export function EventsDrawer() {
  const newest = live.value?.events[0]?.id ?? 0;
  const fetched = useFetch(`events ${newest}`, REFRESH_SECONDS, () =>
    get<{ items: Happening[] }>('events', { limit: LIMIT }),
  );
  const items = fetched.data?.items;
  return (
    <Drawer title="Activity" sub={items && `${items.length} newest`}>
      {items ? (
        <ol class="acts-list wide">
          {items.map((event) => (
            <EventLine key={event.id} event={event} withDay />
          ))}
        </ol>
      ) : fetched.error ? (
        <Failed error={fetched.error} retry={fetched.retry} />
      ) : (
        <Skeleton height={300} />
      )}
    </Drawer>
  );
}
