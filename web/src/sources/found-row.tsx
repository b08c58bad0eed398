// One service that was found: from what, with which resources, instances, requests and limits.
import type { FoundService, Service } from '../api/types';
import { NONE, used } from '../format/number';
import { moment, span } from '../format/time';
import { RESOURCES } from '../format/words';
import { worstType } from '../overview/heat-row';
import { cellId, go, tz } from '../state/route';
import { Instances } from '../ui/instances';
import { Name } from '../ui/name';
import { StatusMark } from '../ui/status';

function Chips({ service }: { service: FoundService }) {
  const present = RESOURCES.filter(({ type }) => service.resources.includes(type));
  return present.length ? (
    <span class="chips">
      {present.map((word) => (
        <span class="chip" key={word.type} title={word.name}>
          {word.short}
        </span>
      ))}
    </span>
  ) : (
    <>{NONE}</>
  );
}

/** "6 / 12 cores": requested and limit. */
function wants(service: FoundService, type: 'CPU' | 'MEMORY'): string {
  const request = service.requests?.[type] ?? null;
  const limit = service.limits?.[type] ?? null;
  if (request == null && limit == null) return NONE;
  const unit = type === 'CPU' ? 'cores' : 'bytes';
  return limit == null ? `${used(request, null, unit)} / ${NONE}` : used(request, limit, unit);
}

function Start({ service, nowMs }: { service: FoundService; nowMs: number }) {
  const { newest_start: newest, oldest_start: oldest } = service;
  if (!newest) return <>{NONE}</>;
  const at = Date.parse(newest);
  const first = oldest ? `, oldest ${moment(Date.parse(oldest), tz.value)}` : '';
  return (
    <time dateTime={newest} title={moment(at, tz.value) + first}>
      {span((nowMs - at) / 1000)}
      <span class="desk"> ago</span>
    </time>
  );
}

interface Props {
  service: FoundService;
  known: Service | undefined; // what the stream tells of it, when it has samples
  nowMs: number;
}

export function FoundRow({ service, known, nowMs }: Props) {
  const type = known && worstType(known, RESOURCES);
  const open = () => type && go({ open: cellId(service.service, type) });
  const name = (
    <>
      <StatusMark status={known?.status ?? 'UNKNOWN'} text={false} />
      <Name of={service.service} />
    </>
  );
  return (
    <tr>
      <th scope="row">
        {type ? (
          <button type="button" class="svc" data-row={service.service} onClick={open}>
            {name}
          </button>
        ) : (
          <span class="svc" title="No samples of it yet">
            {name}
          </span>
        )}
        <p class="mob note">{[service.kind, service.source, service.rule].filter(Boolean).join(', ')}</p>
      </th>
      <td class="desk broad">{service.kind || NONE}</td>
      <td class="desk src">{service.source || NONE}</td>
      <td class="desk src broad">{service.rule || NONE}</td>
      <td class="desk">
        <Chips service={service} />
      </td>
      <td class="r">
        <Instances of={service} seen={known?.instances} />
      </td>
      <td class="r desk">{wants(service, 'CPU')}</td>
      <td class="r desk">{wants(service, 'MEMORY')}</td>
      <td class="r">
        <Start service={service} nowMs={nowMs} />
      </td>
    </tr>
  );
}
