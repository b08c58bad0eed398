// The services that were found.  Long lists go by pages: a page is all that is drawn.
import { useMemo, useState } from 'preact/hooks';
import type { Discovery, FoundService } from '../api/types';
import { count } from '../format/number';
import { live } from '../state/live';
import { go, route } from '../state/route';
import { Card } from '../ui/card';
import { downloadCsv } from '../ui/download';
import { Find } from '../ui/find';
import { Menu, type MenuItem } from '../ui/menu';
import { Pager, pageWithin } from '../ui/pager';
import { copyAsCurl, copyCommand, copyLink } from '../ui/share';
import { SortHead } from '../ui/sort-head';
import { matching, sorted, USUAL_ORDER } from './found-model';
import { FoundRow } from './found-row';

const PAGE = 25;

function toCsv(services: FoundService[]): void {
  const head =
    'service,kind,source,rule,resources,series,desired,ready,cpu_request,cpu_limit,memory_request_bytes,memory_limit_bytes,oldest_start,newest_start';
  const rows = services.map((s) => [
    s.service,
    s.kind,
    s.source,
    s.rule,
    s.resources.join(' '),
    s.series,
    s.desired,
    s.ready,
    s.requests?.CPU,
    s.limits?.CPU,
    s.requests?.MEMORY,
    s.limits?.MEMORY,
    s.oldest_start,
    s.newest_start,
  ]);
  downloadCsv('loadline-found.csv', [head.split(','), ...rows]);
}

function exportsOf(wanted: FoundService[]): MenuItem[] {
  return [
    { icon: 'link', name: 'Copy link', run: copyLink },
    { icon: 'code', name: 'Copy as curl', run: () => copyAsCurl([{ path: 'discovery' }]) },
    { icon: 'copy', name: 'Copy as command', run: () => copyCommand(['loadline services --found']) },
    { icon: 'download', name: 'Download CSV', run: () => toCsv(wanted) },
  ];
}

const setFilter = (q: string) => go({ q }, 'replace');
const setOrder = (sort: string) => go({ sort }, 'replace');

export function FoundTable({ data }: { data: Discovery }) {
  const [page, setPage] = useState(0);
  const { q, sort } = route.value;
  const order = sort || USUAL_ORDER;
  const wanted = useMemo(() => sorted(matching(data.services, q), order), [data.services, q, order]);
  const at = pageWithin(page, PAGE, wanted.length);
  const known = new Map(live.value?.services.map((s) => [s.service, s]));
  const nowMs = Date.parse(data.generated);
  const head = { order, choose: setOrder };
  return (
    <Card
      title="Services found"
      sub={q ? `${count(wanted.length)} of ${count(data.services.length)}` : count(data.services.length)}
      css="s12"
      controls={
        <>
          <Find
            id="filter"
            label="Filter services found"
            value={q}
            change={(text) => {
              setFilter(text);
              setPage(0);
            }}
          />
          <Menu icon="more" label="Export the services found" items={exportsOf(wanted)} />
        </>
      }
    >
      {wanted.length > 0 && (
        <div class="sx">
          <table class="found">
            <thead>
              <tr>
                <SortHead {...head} id="name" name="Service" />
                <SortHead {...head} id="kind" name="Kind" css="desk broad" />
                <SortHead {...head} id="source" name="Source" css="desk" />
                <SortHead {...head} id="rule" name="Found by" css="desk broad" />
                <th scope="col" class="desk">
                  Resources
                </th>
                <SortHead {...head} id="ready" name="Instances" css="r" />
                <SortHead {...head} id="cpu" name="CPU request / limit" css="r desk" down />
                <SortHead {...head} id="memory" name="Memory request / limit" css="r desk" down />
                <SortHead {...head} id="start" name="Newest start" css="r" down />
              </tr>
            </thead>
            <tbody>
              {wanted.slice(at * PAGE, (at + 1) * PAGE).map((service) => (
                <FoundRow
                  key={`${service.source} ${service.service}`}
                  service={service}
                  known={known.get(service.service)}
                  nowMs={nowMs}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {!wanted.length && (
        <p class="none mut" role="status">
          {q ? `No service found has “${q}” in its name, kind, source or rule.` : 'No service was found yet.'}
        </p>
      )}
      <Pager what="Services" page={at} size={PAGE} total={wanted.length} turn={setPage} />
    </Card>
  );
}
