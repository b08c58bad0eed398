// Says whether the numbers move: live, connecting, reconnecting, held by the reader.
import { heardAt, link } from '../api/stream';
import { span } from '../format/time';
import { held, lost, now, toggleHeld } from '../state/live';

function words(): [css: string, text: string] {
  if (held.value) return ['held', 'Held'];
  if (link.value === 'out') return ['lost', 'Signed out'];
  if (lost.value) return ['lost', 'Stopped'];
  switch (link.value) {
    case 'live':
      return ['on', 'Live'];
    case 'paused':
      return ['held', 'Asleep'];
    case 'reconnecting':
      return ['lost', 'Reconnecting'];
    default:
      return ['wait', 'Connecting'];
  }
}

export function LiveDot() {
  const [css, text] = words();
  const heard = heardAt.value ? `Last message ${span((now.value - heardAt.value) / 1000)} ago. ` : '';
  return (
    <button
      type="button"
      class={'live ' + css}
      aria-keyshortcuts="."
      aria-pressed={held.value}
      title={heard + (held.value ? 'Press to follow again (.)' : 'Press to hold the picture (.)')}
      onClick={toggleHeld}
    >
      <i />
      {text}
    </button>
  );
}
