// The rows of "Top utilized": the daemon's own list, or the cells of what is selected.
import type { ResourceMetric, ResourceType, Status } from '../api/types';
import { RESOURCES } from '../format/words';
import type { Live } from '../state/live';

export interface TopRow {
  service: string;
  type: ResourceType;
  where: string; // part, or instance and part
  pct: number | null;
  value: number | null;
  capacity: number | null;
  unit: string;
  status: Status;
  reason: string;
}

export function rowOfMetric(m: ResourceMetric): TopRow {
  return {
    service: m.service,
    type: m.resource_type,
    where: m.part,
    pct: m.utilization_pct,
    value: m.current_value,
    capacity: m.capacity,
    unit: m.unit,
    status: m.status,
    reason: m.status_reason,
  };
}

/** Highest utilization first, fresh cells with a known capacity only. */
function rowsOfCells(data: Live, svc: string, res: ResourceType | ''): TopRow[] {
  const rows = data.services
    .filter((s) => !svc || s.service === svc)
    .flatMap((s) =>
      RESOURCES.filter(({ type }) => !res || type === res).flatMap(({ type }) => {
        const cell = s.resources[type];
        return !cell || cell.stale || cell.utilization_pct == null
          ? []
          : [
              {
                service: s.service,
                type,
                where: '',
                pct: cell.utilization_pct,
                value: cell.current_value,
                capacity: cell.capacity,
                unit: cell.unit,
                status: cell.status,
                reason: cell.status_reason,
              },
            ];
      }),
    );
  return rows.sort((a, b) => (b.pct ?? -1) - (a.pct ?? -1));
}

export function topRows(data: Live, svc: string, res: ResourceType | ''): TopRow[] {
  return svc || res ? rowsOfCells(data, svc, res) : data.top.map(rowOfMetric);
}
