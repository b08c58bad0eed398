// What a panel shows when it has nothing to show: what is missing, how long, one action.
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon';

interface Props {
  icon: IconName;
  title: string;
  tone?: 'calm' | 'bad';
  as?: 'h1' | 'h3';
  children?: ComponentChildren;
}

export function Empty({ icon, title, tone = 'calm', as: Heading = 'h3', children }: Props) {
  return (
    <div class="emp">
      <div class={'ei ' + tone}>
        <Icon name={icon} size={20} />
      </div>
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}
