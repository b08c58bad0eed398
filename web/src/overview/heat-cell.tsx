// One cell of the heat map: the number always, an icon where it matters, click for detail.
import type { Cell } from '../api/types';
import { amount, NONE } from '../format/number';
import { statusWord, STATUS, type ResourceWord } from '../format/words';
import { cellId, go } from '../state/route';
import { Icon, type IconName } from '../ui/icon';

export type Shown = 'now' | 'peak';

export function shownPct(cell: Cell | undefined, shown: Shown): number | null {
  return (shown === 'now' ? cell?.utilization_pct : cell?.peak_24h_pct) ?? null;
}

const LOUD = new Set(['WARNING', 'CRITICAL', 'UNDER_PROVISIONED']);

interface Props {
  service: string;
  word: ResourceWord;
  cell: Cell | undefined;
  shown: Shown;
}

export function HeatCell({ service, word, cell, shown }: Props) {
  if (!cell)
    return (
      <span class="cell na" title={`${service} has no ${word.name} data`}>
        {NONE}
      </span>
    );
  const pct = shownPct(cell, shown);
  const state = cell.stale ? 'Stale' : statusWord(cell.status, cell.status_reason);
  const loud = shown === 'now' && !cell.stale && LOUD.has(cell.status);
  const known = pct != null;
  const ended = cell.status_reason === 'NO_DATA'; // what it was last is not what it is
  // Without a capacity there is no percentage, but the amount is known and says something.
  const text = known
    ? pct.toFixed(0)
    : shown === 'now' && !ended && cell.current_value != null
      ? amount(cell.current_value, cell.unit)
      : NONE;
  const css = cell.stale ? 'stale' : loud ? STATUS[cell.status].css : known ? 'heat' : 'bare';
  const label = `${service} ${word.name}: ${text === NONE ? 'no figure' : text}${known ? ' %' : ''}, ${state.toLowerCase()}`;
  return (
    <button
      type="button"
      class={'cell ' + css}
      style={{ '--v': known ? Math.min(100, pct) : 0 }}
      aria-label={label}
      title={label}
      onClick={() => go({ open: cellId(service, word.type) })}
    >
      {loud && <Icon name={STATUS[cell.status].css as IconName} size={11} />}
      {cell.stale && <Icon name="clock" size={11} />}
      {known ? (
        text
      ) : (
        <>
          <span class="desk">{text}</span>
          <span class="mob">
            <Icon name="unknown" size={11} />
          </span>
        </>
      )}
    </button>
  );
}
