// Sign-in: a token is traded for a session.  As a panel before there is anything to show, as a
// dialog over numbers that grew old.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, apiUrl, takesPasswords } from '../api/client';
import { askWhoWeAre, signIn } from '../api/session';
import { tryNow } from '../api/stream';
import { span } from '../format/time';
import { now } from '../state/live';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Empty } from '../ui/empty';
import { overlay } from './overlay';

interface Trouble {
  text: string;
  until: number; // ms: before that there is no use in trying
}

/** What went wrong, and what to do. */
function troubleOf(reason: unknown): Trouble {
  if (!(reason instanceof ApiError)) return { text: String(reason), until: 0 };
  const { problem, retryAfterSeconds } = reason;
  if (problem.status === 401)
    return {
      text: 'This token is wrong or has expired. Check that you copied all of it, or ask for a new one.',
      until: 0,
    };
  if (problem.status === 429) {
    const seconds = Number(/in (\d+) s/.exec(problem.detail)?.[1] ?? (retryAfterSeconds || 60));
    return { text: 'Too many wrong tokens came from this address.', until: Date.now() + seconds * 1000 };
  }
  return { text: problem.detail || problem.title, until: 0 };
}

async function enter(): Promise<void> {
  if (!(await askWhoWeAre()))
    throw new Error('The daemon let you in, but this browser did not keep its cookie. Allow cookies here.');
  overlay.value = '';
  tryNow();
}

/** The browser's own dialog, which is what it has for passwords. */
async function enterWithPassword(): Promise<void> {
  const answer = await fetch(apiUrl('summary'));
  if (answer.ok) await enter();
}

function Form() {
  const field = useRef<HTMLInputElement>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [busy, setBusy] = useState(false);
  const [passwords, setPasswords] = useState(false);
  useEffect(() => {
    field.current?.focus();
    void takesPasswords().then(setPasswords);
  }, []);

  const run = async (act: () => Promise<void>) => {
    setBusy(true);
    setTrouble(null);
    try {
      await act();
    } catch (reason) {
      setTrouble(troubleOf(reason instanceof Error && !(reason instanceof ApiError) ? reason.message : reason));
      field.current?.select();
    }
    setBusy(false);
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? '';
    if (token) void run(() => signIn(token).then(enter));
    else field.current?.focus();
  };
  const wait = trouble ? Math.max(0, Math.ceil((trouble.until - now.value) / 1000)) : 0;
  const words = trouble && trouble.text + (trouble.until ? (wait ? '' : ' You can try again now.') : '');
  return (
    <form class="sign" onSubmit={onSubmit}>
      <label for="token">Token</label>
      <input
        id="token"
        ref={field}
        type="password"
        name="token"
        autocomplete="current-password"
        spellcheck={false}
        required
        maxLength={512}
        aria-invalid={trouble !== null}
        aria-describedby="sign-trouble sign-help"
      />
      <div id="sign-trouble" class="trouble" role="alert">
        {words}
      </div>
      {wait > 0 && <div class="trouble">Try again in {span(wait)}.</div>}
      <button type="submit" class="btn pri" disabled={busy || wait > 0}>
        {busy ? 'Signing in' : 'Sign in'}
      </button>
      {passwords && (
        <Button onClick={() => void run(enterWithPassword)}>Use a user name and password</Button>
      )}
      <p id="sign-help" class="note">
        Whoever runs this daemon gives out tokens: they stand, as hashes, in the file that{' '}
        <code class="mono">--web.config.file</code> names. A viewer’s is enough to look. This browser stays
        signed in for 12{'\u00a0'}h.
      </p>
    </form>
  );
}

export function SignInPanel() {
  return (
    <section class="card s12 waiting" aria-label="Sign in">
      <Empty icon="key" title="Sign in to see this host" as="h1">
        <Form />
      </Empty>
    </section>
  );
}

export function SignInDialog() {
  const close = () => (overlay.value = '');
  return (
    <Dialog label="Sign in" css="signd" close={close}>
      <header class="ch">
        <div class="chl">
          <h2>Sign in</h2>
        </div>
        <Button kind="gh" icon="close" label="Close" onClick={close} />
      </header>
      <div class="cb">
        <Form />
      </div>
    </Dialog>
  );
}
