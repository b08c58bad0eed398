// What the fan can be taken away as: link, request, command, CSV, picture.
import { savePicture } from '../chart/picture';
import type { PlotLook } from '../chart/plot';
import { resourceWord } from '../format/words';
import { formatHash, route } from '../state/route';
import { downloadCsv } from '../ui/download';
import type { MenuItem } from '../ui/menu';
import { copyAsCurl, copyCommand, copyLink, shellWord } from '../ui/share';
import type { Fan } from './fan';
import type { FanData } from './use-forecast';

const heading = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, '_');

export function fanExports({ chosen, from, to, forecast }: FanData, fan: Fan, look: Partial<PlotLook>): MenuItem[] {
  const { service, type } = chosen;
  const name = `loadline-forecast-${service}-${type.toLowerCase()}`;
  const link = () => copyLink(formatHash({ ...route.value, svc: service, res: type }));
  const csv = () =>
    downloadCsv(`${name}.csv`, [
      ['time_utc', ...fan.series.map((s) => heading(s.name))],
      ...fan.x.map((t, i) => [new Date(t * 1000).toISOString(), ...fan.series.map((s) => s.values[i])]),
    ]);
  const picture = () =>
    savePicture(`${name}.png`, {
      title: 'Demand forecast',
      sub: `${service}, ${resourceWord(type).name}`,
      x: fan.x,
      series: fan.series,
      thresholds: [],
      from,
      to,
      bridge: 2.5 * forecast.step,
      look: { ...look, bands: fan.bands, marks: () => fan.marks },
    });
  return [
    { icon: 'link', name: 'Copy link', run: link },
    {
      icon: 'code',
      name: 'Copy as curl',
      run: () => copyAsCurl([{ path: 'forecasts', query: { service, resource_type: type } }]),
    },
    {
      icon: 'copy',
      name: 'Copy as command',
      run: () => copyCommand([`loadline forecast ${shellWord(service)} ${type.toLowerCase()}`]),
    },
    { icon: 'download', name: 'Download CSV', run: csv },
    { icon: 'image', name: 'Download picture', run: () => void picture() },
  ];
}
