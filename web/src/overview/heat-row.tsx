// One service: status, its cells, instances and headroom.
import type { Service } from '../api/types';
import { NONE } from '../format/number';
import { untilLimit, urgency } from '../format/time';
import type { ResourceWord } from '../format/words';
import { cellId, go } from '../state/route';
import { Instances } from '../ui/instances';
import { Name } from '../ui/name';
import { StatusMark } from '../ui/status';
import { HeatCell, type Shown } from './heat-cell';

/** The resource that matters most: highest utilization, else any. */
export function worstType(service: Service, columns: readonly ResourceWord[]) {
  const present = columns.filter(({ type }) => service.resources[type]);
  const pct = (word: ResourceWord) => service.resources[word.type]?.utilization_pct ?? -1;
  return [...present].sort((a, b) => pct(b) - pct(a))[0]?.type;
}

export function HeatRow({
  service,
  columns,
  shown,
}: {
  service: Service;
  columns: readonly ResourceWord[];
  shown: Shown;
}) {
  const { service: name, instances, headroom_seconds: headroom } = service;
  // Where no capacity is known there is no limit to be far from.
  const limited = Object.values(service.resources).some((cell) => cell.capacity != null);
  const until = limited ? untilLimit(headroom) : NONE;
  const open = () => {
    const type = worstType(service, columns);
    if (type) go({ open: cellId(name, type) });
  };
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          class="svc"
          data-row={name}
          title={`${name}${service.kind ? ` (${service.kind})` : ''}: open its tightest resource`}
          onClick={open}
        >
          <StatusMark status={service.status} text={false} />
          <span class="nm2">
            <Name of={name} />
            <small class={'mob ' + urgency(headroom)}>{until}</small>
            {service.kind && <small class="kind desk">{service.kind}</small>}
          </span>
        </button>
      </th>
      {columns.map((word) => (
        <td key={word.type}>
          <HeatCell service={name} word={word} cell={service.resources[word.type]} shown={shown} />
        </td>
      ))}
      <td class="r desk">
        <Instances of={service} seen={instances} />
      </td>
      <td class={'r desk headroom ' + urgency(headroom)}>{until}</td>
    </tr>
  );
}
