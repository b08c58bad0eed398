// One line of "Top utilized": who, how much, of what.
import { percent, used } from '../format/number';
import { place, resourceWord, STATUS } from '../format/words';
import { cellId, go } from '../state/route';
import { Name } from '../ui/name';
import { StatusMark } from '../ui/status';
import type { TopRow } from './top-model';

export function TopLine({ row }: { row: TopRow }) {
  return (
    <li class="tl">
      <button type="button" class="who" onClick={() => go({ open: cellId(row.service, row.type) })}>
        <b>
          <Name of={row.service} />
        </b>{' '}
        <span class="mut el">{place(resourceWord(row.type).name, row.where)}</span>
      </button>
      <div class="pct">
        {row.status !== 'HEALTHY' && <StatusMark status={row.status} reason={row.reason} text={false} />}
        {percent(row.pct)}
      </div>
      <div class="bar">
        <i class={'s-' + STATUS[row.status].css} style={{ width: `${Math.min(100, row.pct ?? 0)}%` }} />
      </div>
      <div class="of">{used(row.value, row.capacity, row.unit)}</div>
    </li>
  );
}
