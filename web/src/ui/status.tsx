// A status: icon and word.  The icon alone carries the word as its label.
import type { Status } from '../api/types';
import { STATUS, statusWord } from '../format/words';
import { Icon, type IconName } from './icon';

interface Props {
  status: Status;
  reason?: string;
  text?: string | false; // false: icon only
}

export function StatusMark({ status, reason = '', text }: Props) {
  const word = statusWord(status, reason);
  const css = STATUS[status].css;
  return (
    <span class={`st st-${css}`} title={text === false ? word : undefined}>
      <Icon name={css as IconName} size={14} title={text === undefined ? undefined : word} />
      {text !== false && <span>{text ?? word}</span>}
    </span>
  );
}
