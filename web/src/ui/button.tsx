// A button: words, an icon, or both.  An icon alone needs a label.
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon';

interface Props {
  kind?: string;
  icon?: IconName;
  label?: string;
  pressed?: boolean;
  keys?: string;
  onClick: () => void;
  children?: ComponentChildren;
}

export function Button({ kind = '', icon, label, pressed, keys, onClick, children }: Props) {
  return (
    <button
      type="button"
      class={`btn ${kind}${children ? '' : ' ico'}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      onClick={onClick}
    >
      {icon && <Icon name={icon} size={14} />}
      {children}
    </button>
  );
}
