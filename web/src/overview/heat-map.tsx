// Services by resource: utilization now or its peak of 24 h, sorted by least headroom.
import { useState } from 'preact/hooks';
import type { Service } from '../api/types';
import { RESOURCES } from '../format/words';
import { goSources, route } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { downloadCsv } from '../ui/download';
import { Find } from '../ui/find';
import { Menu, type MenuItem } from '../ui/menu';
import { Pager, pageWithin } from '../ui/pager';
import { Segments } from '../ui/segments';
import { copyAsCurl, copyCommand, copyLink } from '../ui/share';
import { shownPct, type Shown } from './heat-cell';
import { HeatRow } from './heat-row';

const PAGE = 50;
const HOST = 'host';
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
    'ready',
    'desired',
    'kind',
    'headroom_seconds',
    'status',
  ];
  const rows = services.map((s) => [
    s.service,
    ...RESOURCES.map(({ type }) => shownPct(s.resources[type], shown)),
    s.instances,
    s.ready,
    s.desired,
    s.kind,
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
  const at = pageWithin(page, PAGE, wanted.length);
  return (
    <Card
      title="Services by resource"
      sub={`${WORDS[shown]}, %. Sorted by least headroom`}
      controls={
        <>
          <Find
            id="filter"
            label="Filter services"
            value={filter}
            change={(text) => {
              setFilter(text);
              setPage(0);
            }}
          />
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
      {services.every((s) => s.service === HOST || s.source === HOST) && (
        <p class="none mut more">
          Only this host is watched.{' '}
          <Button kind="sm" icon="sources" onClick={() => goSources()}>
            Sources and discovery
          </Button>
        </p>
      )}
      <Pager what="Services" page={at} size={PAGE} total={wanted.length} turn={setPage} />
    </Card>
  );
}
