// One stream for all tabs of a browser: a browser opens few connections to one server.
//
//     the tab that holds the lock ─ EventSource ─> its own page, and a channel to the others
//
// The lock passes on by itself when its tab closes, crashes or sleeps.  A tab that joins asks
// for the picture.  Where there are no locks (plain http on another host) each tab is alone.
import type { EventName, Link } from './source';

type Word =
  | { kind: 'message'; event: EventName; data: unknown }
  | { kind: 'link'; link: Link; retryAt: number }
  | { kind: 'hello' }
  | { kind: 'again' };

export interface Member {
  /** This tab is the one to hold the stream now, or not any more. */
  lead(): void;
  rest(): void;
  /** What the leading tab says. */
  message(event: EventName, data: unknown): void;
  link(link: Link, retryAt: number): void;
  /** Another tab asks for the picture; for a new attempt. */
  hello(): void;
  again(): void;
}

const NAME = 'loadline' + new URL('.', document.baseURI).pathname;

export class Share {
  leading = false;
  private joined = false;
  private company = false; // somebody else was heard: what we say is worth saying
  private readonly channel = 'BroadcastChannel' in window ? new BroadcastChannel(NAME) : null;
  private giveUp: (() => void) | null = null;
  private waiting: AbortController | null = null;

  constructor(private readonly member: Member) {
    if (this.channel) this.channel.onmessage = (m: MessageEvent<Word>) => this.hear(m.data);
  }

  /** Takes part: as the leader when nobody else is, else as a listener. */
  join(steal = false): void {
    this.joined = true;
    if (!this.channel || !navigator.locks) return this.start();
    this.channel.postMessage({ kind: 'hello' } satisfies Word);
    this.waiting?.abort();
    this.waiting = new AbortController();
    const how: LockOptions = steal ? { steal } : { signal: this.waiting.signal };
    navigator.locks.request(NAME, how, () => this.hold()).catch((reason: DOMException) => {
      // AbortError with the lock held: another tab took us for dead.  Listen to it.
      if (!this.leading || reason.name !== 'AbortError') return;
      this.stop();
      this.join();
    });
  }

  leave(): void {
    this.joined = false;
    this.waiting?.abort();
    this.stop();
    this.giveUp?.();
    this.giveUp = null;
  }

  say(word: Word): void {
    if (this.company) this.channel?.postMessage(word);
  }

  private hold(): Promise<void> {
    this.start();
    return new Promise((resolve) => (this.giveUp = resolve));
  }

  private start(): void {
    this.leading = true;
    this.member.lead();
  }

  private stop(): void {
    if (!this.leading) return;
    this.leading = false;
    this.member.rest();
  }

  private hear(word: Word): void {
    this.company = true;
    if (!this.joined) return;
    if (word.kind === 'hello' || word.kind === 'again') {
      if (this.leading) this.member[word.kind]();
    } else if (this.leading) {
      return; // two leaders for a moment: each goes by its own
    } else if (word.kind === 'message') {
      this.member.message(word.event, word.data);
    } else {
      this.member.link(word.link, word.retryAt);
    }
  }
}
