// Services by resource: utilization now or its peak of 24 h, sorted by least headroom.
import { useState } from 'preact/hooks';
import type { Service } from '../api/types';
import { RESOURCES } from '../format/words';
import { route } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { downloadCsv } from '../ui/download';
import { Icon } from '../ui/icon';
import { Menu, type MenuItem } from '../ui/menu';
import { Segments } from '../ui/segments';
import { copyAsCurl, copyCommand, copyLink } from '../ui/share';
import { shownPct, type Shown } from './heat-cell';
import { HeatRow } from './heat-row';

const PAGE = 50;
const SHOWN = [
  { id: 'now', name: 'Now' },
  { id: 'peak', name: 'Peak 24\u00a0h' },
] as const;
const WORDS: Record<Shown, string> = { now: 'Utilization now', peak: 'Highest utilization of 24\u00a0h' };

function exportCsv(services: Service[], shown: Shown): void {
  const head = [
    'service',
    ...RESOURCES.map(({ type }) => `${type.toLowerCase()}_${shown}_pct`),
    'instances',
    'headroom_seconds',
    'status',
  ];
  const rows = services.map((s) => [
    s.service,
    ...RESOURCES.map(({ type }) => shownPct(s.resources[type], shown)),
    s.instances,
    s.headroom_seconds,
    s.status,
  ]);
  downloadCsv('loadline-services.csv', [head, ...rows]);
}

function exportsOf(wanted: Service[], shown: Shown): MenuItem[] {
  return [
    { icon: 'link', name: 'Copy link', run: copyLink },
    { icon: 'code', name: 'Copy as curl', run: () => copyAsCurl([{ path: 'services' }]) },
    { icon: 'copy', name: 'Copy as command', run: () => copyCommand(['loadline services']) },
    { icon: 'download', name: 'Download CSV', run: () => exportCsv(wanted, shown) },
  ];
}

export function HeatMap({ services }: { services: Service[] }) {
  const [shown, setShown] = useState<Shown>('now');
  const [filter, setFilter] = useState('');
  const [page, setPage] = useState(0);
  const { svc, res } = route.value;
  const columns = RESOURCES.filter(({ type }) => !res || type === res);
  const wanted = services.filter(
    (s) => (!svc || s.service === svc) && s.service.toLowerCase().includes(filter.toLowerCase()),
  );
  const pages = Math.max(1, Math.ceil(wanted.length / PAGE));
  const at = Math.min(page, pages - 1);
  return (
    <Card
      title="Services by resource"
      sub={`${WORDS[shown]}, %. Sorted by least headroom`}
      controls={
        <>
          <label class="find">
            <Icon name="search" size={12} />
            <input
              id="filter"
              type="search"
              aria-label="Filter services"
              placeholder="Filter"
              value={filter}
              autocomplete="off"
              aria-keyshortcuts="/"
              onInput={(event) => {
                setFilter(event.currentTarget.value);
                setPage(0);
              }}
            />
          </label>
          <Segments label="Heat map value" items={SHOWN} chosen={shown} choose={setShown} />
          <Menu icon="more" label="Export the services" items={exportsOf(wanted, shown)} />
        </>
      }
    >
      <div class="sx">
        <table class="hm">
          <thead>
            <tr>
              <th scope="col">Service</th>
              {columns.map((word) => (
                <th scope="col" class="c" key={word.type}>
                  <span class="desk">{word.name}</span>
                  <span class="mob">{word.short}</span>
                </th>
              ))}
              <th scope="col" class="r desk">
                Instances
              </th>
              <th scope="col" class="r desk">
                Headroom
              </th>
            </tr>
          </thead>
          <tbody>
            {wanted.slice(at * PAGE, (at + 1) * PAGE).map((service) => (
              <HeatRow key={service.service} service={service} columns={columns} shown={shown} />
            ))}
          </tbody>
        </table>
      </div>
      {!wanted.length && (
        <p class="none mut" role="status">
          {filter ? `No service is called “${filter}”.` : 'No service has sent data yet.'}
        </p>
      )}
      {pages > 1 && (
        <div class="pager">
          <Button kind="sm" onClick={() => setPage(Math.max(0, at - 1))}>
            Previous
          </Button>
          <span>
            Services {at * PAGE + 1} to {Math.min(wanted.length, (at + 1) * PAGE)} of {wanted.length}
          </span>
          <Button kind="sm" onClick={() => setPage(Math.min(pages - 1, at + 1))}>
            Next
          </Button>
        </div>
      )}
    </Card>
  );
}
