// The market whose calendar is in use: its zone is one that times can be shown in.
import { signal } from '@preact/signals';

export interface Market {
  code: string; // XNYS
  zone: string; // America/New_York
}

/** null until something with a calendar was shown. */
export const market = signal<Market | null>(null);

/** Makes m the market of the page; the same one again changes nothing. */
export function learnMarket(m: Market): void {
  if (market.peek()?.code !== m.code) market.value = m;
}
