// A short word at the foot of the page: "Link copied".
import { signal } from '@preact/signals';

const SHOWN_MS = 3_000;
const text = signal('');
let timer = 0;

export function tell(what: string): void {
  text.value = what;
  clearTimeout(timer);
  timer = window.setTimeout(() => (text.value = ''), SHOWN_MS);
}

export function Toast() {
  return (
    <div class={text.value ? 'toast on' : 'toast'} role="status">
      {text.value}
    </div>
  );
}
