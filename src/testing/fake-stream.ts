import type { Subscription } from '../ports/venue/subscription.js';

/** A stream in a test's hand: it pushes events into it and ends it. */
export class FakeStream<E> implements Subscription {
  private resolveClosed!: () => void;
  readonly closed = new Promise<void>((resolve) => (this.resolveClosed = resolve));
  isOpen = true;

  constructor(
    private readonly sink: (event: E) => void,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.close());
  }

  /** Delivers even after close, as a venue whose socket lingers would. */
  push(event: E): void {
    this.sink(event);
  }

  /** As if the venue had hung up; the bot opens another one when it notices. */
  close(): void {
    this.isOpen = false;
    this.resolveClosed();
  }
}
