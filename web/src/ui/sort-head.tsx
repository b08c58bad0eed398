// The head of a column that sorts: up, then down.  The order is in the address: 'name', '-name'.
import { Icon } from './icon';

interface Props {
  id: string;
  name: string;
  order: string;
  choose: (order: string) => void;
  css?: string;
  down?: boolean; // the first click sorts downwards
}

export function SortHead({ id, name, order, choose, css = '', down = false }: Props) {
  const on = order === id || order === '-' + id;
  const falls = order[0] === '-';
  const next = on ? (falls ? id : '-' + id) : (down ? '-' : '') + id;
  return (
    <th scope="col" class={css} aria-sort={on ? (falls ? 'descending' : 'ascending') : undefined}>
      <button type="button" class={on ? 'sort on' : 'sort'} onClick={() => choose(next)}>
        {name}
        <Icon name="down" size={10} css={on && !falls ? 'up' : ''} />
      </button>
    </th>
  );
}
