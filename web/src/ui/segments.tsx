// A row of alternatives of which one is chosen; arrow keys move the choice.
interface Props<T extends string> {
  label: string;
  items: readonly { id: T; name: string; title?: string }[];
  chosen: T;
  choose: (id: T) => void;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export function Segments<T extends string>({ label, items, chosen, choose }: Props<T>) {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const index = items.findIndex((item) => item.id === chosen);
    const next = (index + step + items.length) % items.length;
    choose((items[next] as { id: T }).id);
    ((event.currentTarget as HTMLElement).children[next] as HTMLElement).focus();
  };
  return (
    <div class="seg" role="radiogroup" aria-label={label} onKeyDown={onKeyDown}>
      {items.map(({ id, name, title }) => (
        <button
          type="button"
          role="radio"
          key={id}
          aria-checked={id === chosen}
          title={title}
          tabIndex={id === chosen ? 0 : -1}
          class={id === chosen ? 'on' : ''}
          onClick={() => choose(id)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
