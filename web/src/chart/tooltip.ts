// The tooltip of a chart, built of nodes: time with its zone, then each line's value.
import type uPlot from 'uplot';
import { clock, clockSeconds, day, zoneName } from '../format/time';
import { cssColor, type PlotLook } from './plot';

function element(tag: string, css: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = css;
  made.textContent = text;
  return made;
}

export interface Row {
  name: string;
  value: string;
  line?: string; // custom property with the colour of its dot
  bad?: boolean;
}

function row({ name, value, line, bad }: Row): HTMLElement {
  const made = element('div', bad ? 'tr critical' : 'tr');
  const dot = element('i', '');
  if (line) dot.style.background = cssColor(line);
  made.append(dot, element('span', '', name), element('b', '', value));
  return made;
}

function seriesRows(u: uPlot, look: PlotLook, idx: number): Row[] {
  return look.series.flatMap(({ name, line }, i) =>
    u.series[i + 1]?.show === false ? [] : [{ name, line, value: look.format(u.data[i + 1]?.[idx] ?? null) }],
  );
}

export function tooltip(look: PlotLook): uPlot.Plugin {
  const box = element('div', 'tip');
  box.hidden = true;

  function fill(u: uPlot, idx: number): void {
    const seconds = u.data[0][idx] as number;
    const ms = seconds * 1000;
    const head = element(
      'div',
      'tt',
      `${day(ms, look.zone)} ${seconds % 60 ? clockSeconds(ms, look.zone) : clock(ms, look.zone)} `,
    );
    head.append(element('span', '', zoneName(look.zone, ms)));
    const rows = look.rows?.(idx) ?? seriesRows(u, look, idx);
    box.replaceChildren(head, ...rows.map(row));
  }

  function follow(u: uPlot): void {
    const { idx, left = -1 } = u.cursor;
    box.hidden = idx == null || left < 0;
    if (idx == null || left < 0) return;
    fill(u, idx);
    const room = u.over.clientWidth;
    const x = left + 16 + box.offsetWidth > room ? left - box.offsetWidth - 16 : left + 16;
    box.style.left = Math.max(0, x) + 'px';
  }

  return { hooks: { init: (u) => void u.over.appendChild(box), setCursor: follow } };
}
