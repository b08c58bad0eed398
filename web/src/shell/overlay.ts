// Which dialog lies over the page.
import { signal } from '@preact/signals';

export const overlay = signal<'' | 'palette' | 'help' | 'sign-in'>('');
