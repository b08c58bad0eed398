// "Find or do anything": one field, what it finds below, arrows and Enter.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { findCommands, type Command } from './commands';
import { overlay } from './overlay';

function Marked({ text, query }: { text: string; query: string }) {
  const at = query ? text.toLowerCase().indexOf(query.toLowerCase()) : -1;
  if (at < 0) return <span class="el">{text}</span>;
  const end = at + query.length;
  return (
    <span class="el" title={text}>
      {text.slice(0, at)}
      <b class="b">{text.slice(at, end)}</b>
      {text.slice(end)}
    </span>
  );
}

interface ItemProps {
  command: Command;
  id: string;
  on: boolean;
  query: string;
  run: () => void;
}

function Item({ command, id, on, query, run }: ItemProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (on) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [on]);
  return (
    <div class={on ? 'it on' : 'it'} role="option" id={id} aria-selected={on} ref={ref} onClick={run}>
      <Icon name={command.icon} />
      <Marked text={command.name} query={query} />
      <span class="note">
        {command.note}
        {command.keys?.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </span>
    </div>
  );
}

export function Palette() {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const close = () => (overlay.value = '');
  const found = findCommands(query);
  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') run(found[at]);
    else if (step && found.length) setAt((at + step + found.length) % found.length);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label="Find or do anything" css="pal" close={close}>
      <div class="in">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="found"
          aria-autocomplete="list"
          aria-label="Find or do anything"
          aria-activedescendant={found.length ? `found-${at}` : undefined}
          placeholder="Find or do anything"
          autocomplete="off"
          spellcheck={false}
          value={query}
          autofocus
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div class="found" role="listbox" id="found" aria-label="Found" tabIndex={-1}>
        {found.map((command, i) => {
          const item = (
            <Item
              key={command.group + command.name}
              command={command}
              id={`found-${i}`}
              on={i === at}
              query={query}
              run={() => run(command)}
            />
          );
          return command.group === found[i - 1]?.group
            ? item
            : [
                <div class="gr" role="presentation" key={command.group}>
                  {command.group}
                </div>,
                item,
              ];
        })}
      </div>
      {!found.length && (
        <p class="mut none" role="status">
          Nothing is called that.
        </p>
      )}
    </Dialog>
  );
}
