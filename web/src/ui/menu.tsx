// A button with a menu: arrows move, Enter chooses, Esc and a click elsewhere close.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon';

export interface MenuItem {
  icon: IconName;
  name: string;
  run: () => void;
}

interface Props {
  icon: IconName;
  label: string; // what the menu is for
  text?: string; // beside the icon, where there is room
  items: MenuItem[];
}

export function Menu({ icon, label, text, items }: Props) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const entries = () => [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];

  useLayoutEffect(() => {
    if (!open) return undefined;
    entries()[0]?.focus();
    const outside = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') return setOpen(false);
    else if (step) all[(at + step + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
  };
  return (
    <div class="menu" ref={box} onKeyDown={onKeyDown}>
      <button
        type="button"
        class={`btn gh${text ? '' : ' ico'}`}
        ref={button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={label}
        title={label}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} size={14} />
        {text && <span class="desk">{text}</span>}
      </button>
      {open && (
        <div class="items" role="menu" aria-label={label}>
          {items.map((item) => (
            <button
              type="button"
              role="menuitem"
              key={item.name}
              tabIndex={-1}
              onClick={() => {
                close();
                item.run();
              }}
            >
              <Icon name={item.icon} size={14} />
              {item.name}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
