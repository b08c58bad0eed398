// One service's resource: its last 24 hours, what it is now, its worst place, its limits.
import type { Cell, ResourceType, Service } from '../api/types';
import { amount, percent, used } from '../format/number';
import { place, reasonWords, RESOURCES, resourceWord } from '../format/words';
import { live, serviceNamed } from '../state/live';
import { go, goSources } from '../state/route';
import { Button } from '../ui/button';
import { Empty } from '../ui/empty';
import { Instances } from '../ui/instances';
import { Skeleton } from '../ui/skeleton';
import { StatusMark } from '../ui/status';
import { CellChart } from './cell-chart';
import { Drawer } from './drawer';
import { Limits } from './limits';

function Facts({ cell }: { cell: Cell }) {
  const { worst } = cell;
  return (
    <dl class="stats">
      <div class="stat">
        <dt>Now</dt>
        <dd>
          {used(cell.current_value, cell.capacity, cell.unit)}
          {cell.capacity == null && ', capacity unknown'}
        </dd>
      </div>
      <div class="stat">
        <dt>Utilization</dt>
        <dd title={cell.utilization_pct == null ? reasonWords(cell.status_reason) : undefined}>
          {percent(cell.utilization_pct)}
        </dd>
      </div>
      <div class="stat">
        <dt>Peak 24{'\u00a0'}h</dt>
        <dd>{percent(cell.peak_24h_pct)}</dd>
      </div>
      <div class="stat">
        <dt>Free</dt>
        <dd>
          {cell.capacity == null || cell.current_value == null
            ? '–'
            : amount(Math.max(0, cell.capacity - cell.current_value), cell.unit)}
        </dd>
      </div>
      {worst && (
        <div class="stat">
          <dt>Worst</dt>
          <dd>
            {place(worst.instance, worst.part) || '–'}, {percent(worst.utilization_pct)}
          </dd>
        </div>
      )}
      <div class="stat">
        <dt>Why this status</dt>
        <dd>{cell.stale ? 'stale, no new samples' : reasonWords(cell.status_reason)}</dd>
      </div>
    </dl>
  );
}

/** Where a unit is not in a cell's data: requests and limits are of CPU and memory mostly. */
const UNITS: Partial<Record<ResourceType, string>> = { CPU: 'cores', MEMORY: 'bytes', DISK: 'bytes' };

/** What the source tells of the service: kind, instances, requests and limits. */
function About({ service }: { service: Service }) {
  const { kind, source, requests, limits } = service;
  const wants = RESOURCES.filter(({ type }) => requests?.[type] != null || limits?.[type] != null);
  return (
    <dl class="stats">
      {kind && (
        <div class="stat">
          <dt>Kind</dt>
          <dd>{kind}</dd>
        </div>
      )}
      <div class="stat">
        <dt>Instances{service.desired != null && ', ready of wanted'}</dt>
        <dd>
          <Instances of={service} seen={service.instances} />
        </dd>
      </div>
      {wants.map(({ type, name }) => (
        <div class="stat" key={type}>
          <dt>{name}, requested and limit</dt>
          <dd>
            {amount(requests?.[type], UNITS[type] ?? service.resources[type]?.unit ?? '')} /{' '}
            {limits?.[type] == null
              ? 'none'
              : amount(limits[type], UNITS[type] ?? service.resources[type]?.unit ?? '')}
          </dd>
        </div>
      ))}
      {source && (
        <div class="stat">
          <dt>Source</dt>
          <dd>
            <button type="button" class="lk" onClick={() => goSources()}>
              {source}
            </button>
          </dd>
        </div>
      )}
    </dl>
  );
}

function Gone({ service, name }: { service: string; name: string }) {
  return (
    <Empty icon="held" title="No data">
      <p>
        {service} has no {name} data now. A link may be older than the data, or the name may differ.
      </p>
    </Empty>
  );
}

export function CellDrawer({ service: name, type }: { service: string; type: ResourceType }) {
  const word = resourceWord(type);
  const service = serviceNamed(name);
  const cell = service?.resources[type];
  return (
    <Drawer
      title={`${name}, ${word.name}`}
      sub={
        cell && (
          <StatusMark
            status={cell.status}
            reason={cell.status_reason}
            text={cell.stale ? 'Stale' : undefined}
          />
        )
      }
    >
      {!live.value ? (
        <Skeleton height={220} />
      ) : !cell ? (
        <Gone service={name} name={word.name} />
      ) : (
        <>
          <CellChart service={name} type={type} cell={cell} />
          <h3>Details</h3>
          <Facts cell={cell} />
          <h3>Service</h3>
          <About service={service!} />
          <h3>Time to limit</h3>
          <Limits service={name} type={type} />
          <div class="acts">
            <Button
              icon="forecast"
              onClick={() => go({ tab: 'forecast', svc: name, res: type, open: '' })}
            >
              See its forecast
            </Button>
          </div>
          <p class="note">Policy and cost of this resource will be here when those parts are built.</p>
        </>
      )}
    </Drawer>
  );
}
