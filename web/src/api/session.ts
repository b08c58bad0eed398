// Who we are to the daemon.  Without users and tokens everybody on this machine is an editor;
// with them a token is traded for a cookie that scripts cannot read.
import { signal } from '@preact/signals';
import { get, send } from './client';

export type Role = 'viewer' | 'operator' | 'editor' | 'admin';

/** null: nobody, or not asked yet. */
export const role = signal<Role | null>(null);
/** By a token or a password, not merely by sitting at this machine. */
export const signedIn = signal(false);

/** False when the daemon wants a token or a password first. */
export async function askWhoWeAre(): Promise<boolean> {
  const who = await get<{ role: Role | null; authenticated: boolean }>('session');
  role.value = who.role;
  signedIn.value = who.authenticated;
  return who.role !== null;
}

export const signIn = (token: string) => send('POST', 'session', { token });

export async function signOut(): Promise<void> {
  await send('DELETE', 'session');
  role.value = null;
  signedIn.value = false;
}
