// What the reader chose and this browser remembers: theme, time zone, single-key shortcuts.
import { effect, signal } from '@preact/signals';
import type { Zone } from './route';

export type Theme = 'light' | 'dark';

function read(key: string): string | null {
  try {
    return localStorage.getItem('loadline.' + key);
  } catch {
    return null; // storage may be forbidden: then nothing is remembered
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem('loadline.' + key, value);
  } catch {
    /* see read */
  }
}

const systemDark = matchMedia('(prefers-color-scheme: dark)');
const chosen = signal(read('theme'));
const system = signal<Theme>(systemDark.matches ? 'dark' : 'light');

const phone = matchMedia('(max-width: 760px)');
/** True where tables keep three columns (style/phone.css). */
export const narrow = signal(phone.matches);

export const theme = signal<Theme>('light');
export const singleKeys = signal(read('keys') !== 'off');

export function toggleTheme(): void {
  chosen.value = theme.value === 'light' ? 'dark' : 'light';
  write('theme', chosen.value);
}

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  write('keys', on ? 'on' : 'off');
}

export function rememberedZone(): Zone {
  const zone = read('tz');
  return zone === 'utc' || zone === 'market' ? zone : 'local';
}
export const rememberZone = (zone: Zone): void => write('tz', zone);

export function startPrefs(): void {
  phone.addEventListener('change', (event) => (narrow.value = event.matches));
  systemDark.addEventListener('change', (event) => (system.value = event.matches ? 'dark' : 'light'));
  effect(() => {
    const stored = chosen.value;
    const next = stored === 'light' || stored === 'dark' ? stored : system.value;
    document.documentElement.dataset.theme = next;
    theme.value = next;
  });
}
