// One happening: when, what, why.
import type { Happening } from '../api/types';
import { clock, moment } from '../format/time';
import { tz } from '../state/route';
import { Icon, type IconName } from '../ui/icon';

const ICONS: Record<string, IconName> = {
  start: 'play',
  status: 'warn',
  collector: 'pulse',
  storage: 'disk',
  config: 'gear',
  clock: 'clock',
};

function icon(event: Happening): IconName {
  if (event.kind !== 'status') return ICONS[event.kind] ?? 'held';
  return /HEALTHY/.test(event.title) ? 'check' : 'warn';
}

export function EventLine({ event, withDay = false }: { event: Happening; withDay?: boolean }) {
  const ms = Date.parse(event.timestamp);
  return (
    <li class="act">
      <time class="t" dateTime={event.timestamp} title={moment(ms, tz.value)}>
        {withDay ? moment(ms, tz.value) : clock(ms, tz.value)}
      </time>
      <Icon name={icon(event)} size={14} />
      <div class="d">
        {event.service && <b>{event.service} </b>}
        {event.title}
        {event.detail && <span> {event.detail}</span>}
        {event.reason && <code>{event.reason}</code>}
      </div>
    </li>
  );
}
