// Who is signed in, and the way out.  Nothing where nobody has to sign in.
import { role, signedIn, signOut } from '../api/session';
import { cutOff } from '../api/stream';
import { forget } from '../state/live';
import { Menu } from '../ui/menu';
import { tell } from '../ui/toast';

/** Ends the session and clears the page. */
export async function leave(): Promise<void> {
  try {
    await signOut();
  } catch (reason) {
    tell(`Could not sign out: ${(reason as Error).message}`);
    return;
  }
  forget();
  cutOff();
}

export function Account() {
  if (!signedIn.value) return null;
  return (
    <Menu
      icon="user"
      label={`Signed in as ${role.value}`}
      text={role.value ?? ''}
      items={[{ icon: 'key', name: 'Sign out', run: () => void leave() }]}
    />
  );
}
