// Icons on a 16-px grid with a 1.5-px stroke.  Status icons differ by shape, not only colour.
import type { JSX } from 'preact';

const shapes = {
  healthy: <><circle cx="8" cy="8" r="6.2" fill="currentColor" stroke="none" /><path d="M5.2 8.2l2 2 3.6-4.2" stroke="var(--surface)" stroke-width="1.7" /></>,
  warning: <><path d="M8 1.9l6.6 11.6H1.4z" fill="currentColor" stroke="var(--warn)" stroke-width="1" /><path d="M8 6.2v3.2M8 11.5v.1" stroke="var(--warn-ink)" stroke-width="1.7" /></>,
  critical: <><path d="M5.3 1.6h5.4l3.7 3.7v5.4l-3.7 3.7H5.3l-3.7-3.7V5.3z" fill="currentColor" stroke="none" /><path d="M8 4.6v4.2M8 11.2v.1" stroke="var(--surface)" stroke-width="1.8" /></>,
  over: <><rect x="1.9" y="1.9" width="12.2" height="12.2" rx="2.6" /><path d="M8 4.8v5.6M5.6 8.2L8 10.7l2.4-2.5" /></>,
  under: <><rect x="1.9" y="1.9" width="12.2" height="12.2" rx="2.6" fill="currentColor" stroke="none" /><path d="M8 11.2V5.6M5.6 7.8L8 5.3l2.4 2.5" stroke="var(--surface)" stroke-width="1.6" /></>,
  unknown: <circle cx="8" cy="8" r="5.8" stroke-width="1.6" stroke-dasharray="2.6 2.2" />,
  overview: <><rect x="2" y="2.5" width="5" height="5" rx="1.2" /><rect x="9" y="2.5" width="5" height="5" rx="1.2" /><rect x="2" y="9.5" width="5" height="4" rx="1.2" /><rect x="9" y="9.5" width="5" height="4" rx="1.2" /></>,
  sources: <><path d="M5.6 3.4h1c2.6 0 1.4 4.6 4 4.6M5.6 12.6h1c2.6 0 1.4-4.6 4-4.6M5.6 8h5" /><circle cx="3.8" cy="3.4" r="1.7" /><circle cx="3.8" cy="8" r="1.7" /><circle cx="3.8" cy="12.6" r="1.7" /><circle cx="12.4" cy="8" r="1.9" /></>,
  left: <path d="M9.7 4.3L6 8l3.7 3.7" />,
  forecast: <><path d="M2 11.5c2-.2 3-5 5-5 1.2 0 1.6 1.6 2.5 1.6" /><path d="M9.6 8c1.7-.5 2.7-2.6 4.4-4.5M9.6 8.3c1.7.3 2.8 1.2 4.4 3" stroke-dasharray="1.8 1.6" /></>,
  scaling: <><path d="M3 13V9.5M8 13V6M13 13V2.5" /><path d="M2 6l3-3 2.2 1.6L10 2" /></>,
  cost: <><circle cx="8" cy="8" r="6" /><path d="M9.9 5.9C9.5 5.2 8.9 5 8 5c-1.1 0-1.9.5-1.9 1.4 0 2.1 3.9 1 3.9 3.2C10 10.5 9.1 11 8 11c-1 0-1.7-.3-2.1-1M8 3.9v1M8 11v1" /></>,
  search: <><circle cx="7" cy="7" r="4.3" /><path d="M10.3 10.3L14 14" /></>,
  sun: <><circle cx="8" cy="8" r="2.7" /><path d="M8 1.8v1.5M8 12.7v1.5M1.8 8h1.5M12.7 8h1.5M3.6 3.6l1.1 1.1M11.3 11.3l1.1 1.1M3.6 12.4l1.1-1.1M11.3 4.7l1.1-1.1" /></>,
  moon: <path d="M13.2 9.6A5.6 5.6 0 016.4 2.8a5.6 5.6 0 106.8 6.8z" />,
  down: <path d="M4.5 6.5L8 10l3.5-3.5" />,
  right: <path d="M6.3 4.3L10 8l-3.7 3.7" />,
  download: <><path d="M8 2.5v7M5.2 7L8 9.8 10.8 7" /><path d="M2.8 12.8h10.4" /></>,
  table: <><rect x="2.3" y="3" width="11.4" height="10" rx="1.6" /><path d="M2.3 6.4h11.4M2.3 9.7h11.4M6.2 6.4V13" /></>,
  clock: <><circle cx="8" cy="8" r="6" /><path d="M8 4.6V8l2.3 1.5" /></>,
  check: <path d="M3.3 8.4l3 3 6.3-6.8" />,
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  play: <path d="M5 3.3v9.4L12.5 8z" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" stroke-width="2" />,
  held: <><circle cx="8" cy="8" r="5.8" stroke-dasharray="2.6 2.2" /><path d="M6.5 6v4M9.5 6v4" /></>,
  warn: <><path d="M8 2.3l6.2 11H1.8z" /><path d="M8 6.5v3.2M8 11.4v.1" /></>,
  pulse: <path d="M1.8 8.5h2.6L6.3 4l3 8 1.8-3.5h3.1" />,
  disk: <><ellipse cx="8" cy="4.2" rx="5.2" ry="2" /><path d="M2.8 4.2v7.6c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2V4.2M2.8 8c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2" /></>,
  gear: <><circle cx="8" cy="8" r="2.2" /><path d="M8 1.9v2M8 12.1v2M1.9 8h2M12.1 8h2M3.7 3.7l1.4 1.4M10.9 10.9l1.4 1.4M3.7 12.3l1.4-1.4M10.9 5.1l1.4-1.4" /></>,
  keys: <><rect x="1.8" y="4" width="12.4" height="8" rx="1.8" /><path d="M4.5 7h.01M7 7h.01M9.5 7h.01M11.8 7h.01M5.5 9.7h5" /></>,
  key: <><circle cx="5.4" cy="8" r="3.1" /><path d="M8.5 8h6M12.4 8v2.6" /></>,
  user: <><circle cx="8" cy="5.4" r="2.8" /><path d="M2.8 13.6c.6-2.9 2.6-4.2 5.2-4.2s4.6 1.3 5.2 4.2" /></>,
  hand: <path d="M5 8.6V4.4a1 1 0 012 0V3.2a1 1 0 012 0v1.2a1 1 0 012 0v2a1 1 0 012 0v3.2c0 2.6-1.6 4.2-4.2 4.2-2 0-3-.8-4-2.4L3 8.9a1 1 0 011.7-1z" />,
  lock: <><rect x="3.4" y="7" width="9.2" height="6.4" rx="1.5" /><path d="M5.4 7V5.2a2.6 2.6 0 015.2 0V7" /></>,
  calendar: <><rect x="2.4" y="3.4" width="11.2" height="10" rx="1.6" /><path d="M2.4 6.8h11.2M5.4 2v2.6M10.6 2v2.6" /></>,
  up: <path d="M8 12.8V3.4M4.4 6.8L8 3.2l3.6 3.6" />,
  fall: <path d="M8 3.2v9.4M4.4 9.2L8 12.8l3.6-3.6" />,
  dash: <path d="M4 8h8" />,
  more: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2.2" />,
  copy: <><rect x="5.4" y="5.4" width="8" height="8" rx="1.6" /><path d="M3.4 10.6A1.4 1.4 0 012.6 9.3V4a1.4 1.4 0 011.4-1.4h5.3a1.4 1.4 0 011.3.8" /></>,
  code: <path d="M5.4 4.6L2 8l3.4 3.4M10.6 4.6L14 8l-3.4 3.4" />,
  image: <><rect x="2.2" y="3" width="11.6" height="10" rx="1.6" /><path d="M2.6 11.2l3.3-3.4 2.6 2.6 1.8-1.7 3.3 3" /><path d="M10.6 6h.01" stroke-width="2" /></>,
  link: <><path d="M6.7 9.3a2.6 2.6 0 003.7 0l2-2a2.6 2.6 0 00-3.7-3.7l-.7.7" /><path d="M9.3 6.7a2.6 2.6 0 00-3.7 0l-2 2a2.6 2.6 0 003.7 3.7l.7-.7" /></>,
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof shapes;

export function Icon({ name, size = 16, title, css = '' }: { name: IconName; size?: number; title?: string; css?: string }) {
  return (
    <svg class={'ic ' + css} width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor"
      stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"
      role={title ? 'img' : undefined} aria-label={title} aria-hidden={title ? undefined : 'true'}>
      {shapes[name]}
    </svg>
  );
}
