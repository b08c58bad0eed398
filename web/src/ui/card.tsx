// A card: heading, what it shows, its controls, and the panel itself.
import type { ComponentChildren } from 'preact';

interface Props {
  title: string;
  sub?: ComponentChildren;
  controls?: ComponentChildren;
  foot?: ComponentChildren;
  css?: string;
  padded?: boolean;
  children: ComponentChildren;
}

export function Card({ title, sub, controls, foot, css = '', padded = false, children }: Props) {
  return (
    <section class={'card ' + css} aria-label={title}>
      <header class="ch">
        <div class="chl">
          <h2>{title}</h2>
          {sub && <span class="sub">{sub}</span>}
        </div>
        {controls && <div class="chr">{controls}</div>}
      </header>
      <div class={padded ? 'cb' : 'cb np'}>{children}</div>
      {foot && <footer class="cf">{foot}</footer>}
    </section>
  );
}
