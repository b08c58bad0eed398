// A box to filter a list by.
import { Icon } from './icon';

interface Props {
  id?: string; // 'filter' is where the key / goes
  label: string;
  value: string;
  change: (value: string) => void;
}

export function Find({ id, label, value, change }: Props) {
  return (
    <label class="find">
      <Icon name="search" size={12} />
      <input
        id={id}
        type="search"
        aria-label={label}
        placeholder="Filter"
        value={value}
        autocomplete="off"
        aria-keyshortcuts={id === 'filter' ? '/' : undefined}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
}
