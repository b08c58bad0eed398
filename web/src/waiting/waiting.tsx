// A tab whose part of the product is not built yet: says so, and what to do meanwhile.
import type { ComponentChildren } from 'preact';
import { Empty } from '../ui/empty';
import type { IconName } from '../ui/icon';

interface Props {
  icon: IconName;
  title: string;
  children: ComponentChildren;
}

export function Waiting({ icon, title, children }: Props) {
  return (
    <section class="card s12 waiting">
      <Empty icon={icon} title={title} as="h1">
        {children}
      </Empty>
    </section>
  );
}
