// A labelled choice from a list: the browser's own select, so it works on every device.
import { Icon } from './icon';

interface Props {
  label: string;
  items: readonly { id: string; name: string }[];
  chosen: string;
  choose: (id: string) => void;
}

export function Select({ label, items, chosen, choose }: Props) {
  return (
    <label class="sel">
      <span class="sl">{label}</span>
      <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        {items.map(({ id, name }) => (
          <option key={id} value={id} selected={id === chosen}>
            {name}
          </option>
        ))}
      </select>
      <Icon name="down" size={12} />
    </label>
  );
}
