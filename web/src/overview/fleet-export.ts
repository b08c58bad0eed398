// What the fleet chart can be taken away as: link, request, command, CSV, picture.
import { savePicture } from '../chart/picture';
import { historyQuery, type Window } from '../chart/history';
import type { Series, Threshold } from '../chart/plot';
import type { ResourceWord } from '../format/words';
import { range } from '../state/route';
import { downloadCsv } from '../ui/download';
import type { MenuItem } from '../ui/menu';
import { copyAsCurl, copyCommand, copyLink, shellWord } from '../ui/share';

export interface FleetExport {
  service: string;
  words: ResourceWord[];
  window: Window;
  x: number[]; // Unix seconds
  series: Series[]; // those that are switched on
  thresholds: Threshold[];
  from: number;
  to: number;
  sub: string; // service and range in words
}

function toCsv({ service, x, series }: FleetExport): void {
  const head = ['time_utc', ...series.map((s) => s.name.toLowerCase().replaceAll(' ', '_') + '_pct')];
  downloadCsv(`loadline-${service}.csv`, [
    head,
    ...x.map((t, i) => [new Date(t * 1000).toISOString(), ...series.map((s) => s.values[i])]),
  ]);
}

function toCurl({ service, words, window }: FleetExport): void {
  copyAsCurl(words.map((w) => ({ path: 'metrics', query: historyQuery(service, w.type, window) })));
}

function toCommand({ service, words }: FleetExport): void {
  copyCommand(
    words.map((w) => `loadline metrics ${shellWord(service)} ${w.type.toLowerCase()} --since ${range.value.id}`),
  );
}

export function fleetExports(chart: FleetExport): MenuItem[] {
  const picture = () =>
    savePicture(`loadline-${chart.service}.png`, {
      ...chart,
      title: 'Fleet utilization',
      bridge: 2.5 * chart.window.step,
    });
  return [
    { icon: 'link', name: 'Copy link', run: copyLink },
    { icon: 'code', name: 'Copy as curl', run: () => toCurl(chart) },
    { icon: 'copy', name: 'Copy as command', run: () => toCommand(chart) },
    { icon: 'download', name: 'Download CSV', run: () => toCsv(chart) },
    { icon: 'image', name: 'Download picture', run: () => void picture() },
  ];
}
