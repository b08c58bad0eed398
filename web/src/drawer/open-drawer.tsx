// Which drawer the address asks for.
import { openCell, route } from '../state/route';
import { CellDrawer } from './cell-drawer';
import { EventsDrawer } from './events-drawer';
import { TopDrawer } from './top-drawer';

export function OpenDrawer() {
  if (route.value.open === 'events') return <EventsDrawer />;
  if (route.value.open === 'top') return <TopDrawer />;
  const cell = openCell.value;
  return cell && <CellDrawer key={route.value.open} service={cell.service} type={cell.type} />;
}
