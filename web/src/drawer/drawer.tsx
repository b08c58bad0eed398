// The drawer at the right: takes the focus when it opens, gives it back when it closes.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { go } from '../state/route';
import { Button } from '../ui/button';

interface Props {
  title: string;
  sub?: ComponentChildren;
  children: ComponentChildren;
}

export function Drawer({ title, sub, children }: Props) {
  const head = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    head.current?.focus();
    return () => before?.isConnected && before.focus();
  }, []);
  return (
    <aside class="drw" aria-label={title}>
      <header class="ch">
        <div class="chl">
          <h2 tabIndex={-1} ref={head}>
            {title}
          </h2>
          {sub && <span class="sub">{sub}</span>}
        </div>
        <Button kind="gh" icon="close" label="Close" keys="Escape" onClick={() => go({ open: '' })} />
      </header>
      <div class="drw-body">{children}</div>
    </aside>
  );
}
