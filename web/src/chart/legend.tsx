// The legend of a chart.  A click shows that line alone, a shift-click switches it on or off.
import type { Series } from './plot';

interface Props {
  series: Series[];
  hidden: ReadonlySet<string>;
  setHidden: (names: ReadonlySet<string>) => void;
}

export function Legend({ series, hidden, setHidden }: Props) {
  const names = series.map((s) => s.name);
  const isolate = (name: string) => {
    const others = names.filter((other) => other !== name);
    const alone = !hidden.has(name) && others.every((other) => hidden.has(other));
    setHidden(new Set(alone ? [] : others));
  };
  const toggle = (name: string) => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next.size === names.length ? new Set() : next);
  };
  return (
    <div class="lg" role="group" aria-label="Lines">
      {series.map((s) => (
        <button
          type="button"
          key={s.name}
          aria-pressed={!hidden.has(s.name)}
          title="Click: this line alone. Shift-click: on or off"
          onClick={(event) => (event.shiftKey ? toggle(s.name) : isolate(s.name))}
        >
          <i style={{ background: `var(${s.line})` }} />
          {s.name}
        </button>
      ))}
    </div>
  );
}
