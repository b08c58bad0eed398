// Loadline itself: is the watcher well?
import type { ComponentChildren } from 'preact';
import type { DaemonStatus, SourceInfo, Status } from '../api/types';
import { amount, count, digits } from '../format/number';
import { span } from '../format/time';
import { pictureAt } from '../state/live';
import { goSources } from '../state/route';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Icon } from '../ui/icon';
import { StatusMark } from '../ui/status';
import { useDiscovery } from '../sources/use-discovery';
import { SourceLines } from './source-lines';

function Stat({ name, children, title }: { name: string; children: ComponentChildren; title?: string }) {
  return (
    <div class="stat">
      <dt>{name}</dt>
      <dd title={title}>{children}</dd>
    </div>
  );
}

function collectors(status: DaemonStatus): string {
  const up = status.collectors.filter((c) => c.up).length;
  const ages = status.collectors.map((c) => c.age_seconds).filter((age) => age != null);
  const oldest = ages.length ? `, oldest sample ${span(Math.max(...ages))}` : '';
  return `${up} of ${status.collectors.length} up${oldest}`;
}

function storage(status: DaemonStatus): string {
  const { state, error, bytes, oldest, retention_seconds: retention } = status.storage;
  if (state.toLowerCase() !== 'ok') return state.toLowerCase() + (error ? `: ${error}` : '');
  const kept = oldest
    ? `, ${span(pictureAt.value - Date.parse(oldest) / 1000)} of ${span(retention)} kept`
    : '';
  return amount(bytes, 'bytes') + kept;
}

/** One verdict over collectors, storage and configuration. */
function judge(status: DaemonStatus, sources: SourceInfo[]): [Status, string] {
  if (status.storage.state.toLowerCase() !== 'ok') return ['CRITICAL', 'Storage fails'];
  const down = [...status.collectors.filter((c) => !c.up), ...sources.filter((s) => s.state === 'down')];
  if (down.length) return ['WARNING', `${down[0]!.name} is down`];
  if (!status.config.last_reload_successful) return ['WARNING', 'Reload failed'];
  return status.state.toLowerCase() === 'ok'
    ? ['HEALTHY', 'All good']
    : ['WARNING', status.state.toLowerCase()];
}

export function Itself({ status }: { status: DaemonStatus }) {
  const found = useDiscovery().data; // an answer that fails leaves what the stream tells
  const [verdict, words] = judge(status, found?.sources ?? []);
  const { engine, stream, config } = status;
  const tick = engine.last_tick_ms == null ? '' : `, last took ${digits(engine.last_tick_ms)}\u00a0ms`;
  const errors = status.collectors
    .map((c) => c.error)
    .filter(Boolean)
    .join('; ');
  return (
    <Card
      title="Loadline itself"
      sub={`${status.version}, up ${span(status.uptime_seconds)}`}
      padded
      controls={
        <span class="in">
          <StatusMark status={verdict} text={words} />
        </span>
      }
    >
      {found && <SourceLines sources={found.sources} />}
      <dl class="stats">
        {!found && (
          <Stat name="Collectors" title={errors || undefined}>
            {collectors(status)}
          </Stat>
        )}
        <Stat name="Evaluation">
          every {span(engine.check_interval_seconds)}
          {tick}
        </Stat>
        <Stat name="Storage">{storage(status)}</Stat>
        <Stat name="Series">
          {count(engine.series)} of {count(engine.max_series)}
        </Stat>
        <Stat name="Viewers">
          {count(stream.clients)} of {count(stream.max_clients)}
        </Stat>
        <Stat name="Configuration" title={config.file ?? undefined}>
          {config.file ? config.file.split('/').pop() : 'built-in defaults'}
        </Stat>
        <Stat name="Mode">{status.mode.toLowerCase()}</Stat>
      </dl>
      <p class="more">
        <Button kind="gh sm" onClick={() => goSources()}>
          Sources and discovery
          <Icon name="right" size={12} />
        </Button>
      </p>
    </Card>
  );
}
