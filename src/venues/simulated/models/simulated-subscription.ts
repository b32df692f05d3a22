import type { Subscription } from '../../../ports/venue/subscription.js';

/** A stream of the exchange inside. Ends on `close` or on its signal; not one event comes after that. */
export class SimulatedSubscription implements Subscription {
  readonly closed: Promise<void>;
  private resolveClosed: () => void = () => undefined;
  private open = true;

  constructor(
    private readonly stops: readonly (() => void)[],
    private readonly signal: AbortSignal,
    private readonly ended: () => void,
  ) {
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    signal.addEventListener('abort', this.close);
  }

  readonly close = (): void => {
    if (!this.open) return;
    this.open = false;
    this.signal.removeEventListener('abort', this.close);
    for (const stop of this.stops) stop();
    this.ended();
    this.resolveClosed();
  };
}
