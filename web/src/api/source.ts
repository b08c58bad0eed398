// The EventSource of the page: messages in, a state of the link out.
//
// It counts as lost when nothing, not even a heartbeat, came for 12 s.  We reconnect
// ourselves rather than let the browser do it: a browser gives up for good on an HTTP
// error, and it does not notice a connection that is open and silent.
import { apiUrl } from './client';

export type Link = 'connecting' | 'live' | 'reconnecting' | 'paused' | 'out';

export const LOST_MS = 12_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 10_000;
export const EVENTS = ['snapshot', 'delta', 'heartbeat', 'resync'] as const;
export type EventName = (typeof EVENTS)[number];

export interface Sink {
  message(event: EventName, data: unknown): void;
  link(link: Link, retryAt: number): void;
}

export class Source {
  private source: EventSource | null = null;
  private retryMs = FIRST_RETRY_MS;
  private retryTimer = 0;
  private watchTimer = 0;
  private heardAt = 0;
  private everHeard = false;
  private attempt = 0;

  /** mayOpen says whether the daemon would serve us: false means we have to sign in. */
  constructor(
    private readonly sink: Sink,
    private readonly mayOpen: () => Promise<boolean>,
  ) {}

  open(): void {
    this.close();
    this.retryMs = FIRST_RETRY_MS;
    this.watchTimer = window.setInterval(() => this.watch(), 1_000);
    void this.connect();
  }

  close(): void {
    clearInterval(this.watchTimer);
    this.drop();
  }

  private drop(): void {
    this.attempt++;
    clearTimeout(this.retryTimer);
    this.source?.close();
    this.source = null;
  }

  private async connect(): Promise<void> {
    this.drop();
    const attempt = this.attempt;
    this.sink.link(this.everHeard ? 'reconnecting' : 'connecting', 0);
    let may: boolean;
    try {
      may = await this.mayOpen();
    } catch {
      if (attempt === this.attempt) this.retryLater();
      return;
    }
    if (attempt !== this.attempt) return;
    if (!may) {
      this.close();
      this.sink.link('out', 0);
      return;
    }
    const from = (this.source = new EventSource(apiUrl('stream')));
    this.heardAt = Date.now();
    for (const event of EVENTS) from.addEventListener(event, (m) => this.heard(from, event, m));
    from.onerror = () => from === this.source && this.retryLater();
  }

  private heard(from: EventSource, event: EventName, message: MessageEvent<string>): void {
    if (from !== this.source) return; // the last word of a connection already given up
    this.heardAt = Date.now();
    this.everHeard = true;
    this.retryMs = FIRST_RETRY_MS;
    this.sink.message(event, JSON.parse(message.data));
  }

  private retryLater(): void {
    this.drop();
    this.sink.link(this.everHeard ? 'reconnecting' : 'connecting', Date.now() + this.retryMs);
    this.retryTimer = window.setTimeout(() => void this.connect(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
  }

  private watch(): void {
    if (this.source && Date.now() - this.heardAt > LOST_MS) this.retryLater();
  }
}
