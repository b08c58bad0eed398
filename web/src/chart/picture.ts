// A chart as a PNG at twice its size: title, what it shows and in which zone, lines, plot.
import uPlot from 'uplot';
import { clock, day, zoneName } from '../format/time';
import { roundPercent } from '../format/number';
import { tz } from '../state/route';
import { download } from '../ui/download';
import { tell } from '../ui/toast';
import { cssColor, FAMILY, plotOptions, type PlotLook, type Series, type Threshold } from './plot';

const SCALE = 2;
const WIDTH = 900;
const HEIGHT = 320;
const HEAD = 78;
const MARGIN = 16;

export interface Picture {
  title: string;
  sub: string;
  x: number[];
  series: Series[];
  thresholds: Threshold[];
  from: number;
  to: number;
  bridge: number;
  look?: Partial<PlotLook>; // what is not a share of 100
}

/** The plot alone, drawn where nobody sees it. */
function drawPlot(picture: Picture): Promise<uPlot> {
  const { series, thresholds, bridge, x, from, to } = picture;
  const look: PlotLook = {
    zone: tz.value,
    series,
    thresholds,
    bridge,
    format: roundPercent,
    axisFormat: roundPercent,
    yTop: 100,
    ...picture.look,
    onZoom: () => {},
    onReset: () => {},
    scale: SCALE / devicePixelRatio, // uPlot multiplies with the screen's own ratio
  };
  const options = plotOptions(look, WIDTH - 2 * MARGIN, HEIGHT);
  return new Promise((resolve) => {
    options.hooks!.ready = [
      (u) => {
        u.setScale('x', { min: from, max: to });
        setTimeout(() => resolve(u)); // after the drawing, which is a microtask
      },
    ];
    options.plugins = [];
    options.cursor = { show: false };
    const data = [x, ...series.map((s) => s.values)] as uPlot.AlignedData;
    new uPlot(options, data, document.createElement('div'));
  });
}

function drawHead(ctx: CanvasRenderingContext2D, picture: Picture): void {
  const zone = tz.value;
  const at = (t: number) => `${day(t * 1000, zone)} ${clock(t * 1000, zone)}`;
  ctx.textBaseline = 'alphabetic';
  ctx.fillStyle = cssColor('--text');
  ctx.font = `600 15px ${FAMILY}`;
  ctx.fillText(picture.title, MARGIN, 28);
  ctx.fillStyle = cssColor('--muted');
  ctx.font = `400 12px ${FAMILY}`;
  const span = `${at(picture.from)} to ${at(picture.to)} ${zoneName(zone, picture.to * 1000)}`;
  ctx.fillText(`${picture.sub}, ${span}`, MARGIN, 48);
  let left = MARGIN;
  for (const { name, line, width } of picture.series) {
    if (width === 0) continue; // the edge of a band
    ctx.fillStyle = cssColor(line);
    ctx.fillRect(left, 63, 14, 3);
    ctx.fillStyle = cssColor('--text-2');
    ctx.fillText(name, left + 20, 69);
    left += 20 + ctx.measureText(name).width + 16;
  }
}

export async function savePicture(name: string, picture: Picture): Promise<void> {
  if (!picture.x.length) return tell('There is nothing to draw yet.');
  const plot = await drawPlot(picture);
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH * SCALE;
  canvas.height = (HEAD + HEIGHT + MARGIN) * SCALE;
  const ctx = canvas.getContext('2d') as CanvasRenderingContext2D;
  ctx.scale(SCALE, SCALE);
  ctx.fillStyle = cssColor('--surface');
  ctx.fillRect(0, 0, WIDTH, HEAD + HEIGHT + MARGIN);
  drawHead(ctx, picture);
  ctx.drawImage(plot.ctx.canvas, MARGIN, HEAD, WIDTH - 2 * MARGIN, HEIGHT);
  plot.destroy();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob) download(name, blob);
}
