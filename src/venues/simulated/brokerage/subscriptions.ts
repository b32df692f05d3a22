import type { Subscription } from '../../../ports/venue/subscription.js';
import { SimulatedSubscription } from '../models/simulated-subscription.js';

/** The streams that are open, so that leaving the venue ends them. */
export class Subscriptions {
  private readonly open = new Set<SimulatedSubscription>();

  track(stops: readonly (() => void)[], signal: AbortSignal): Subscription {
    const subscription = new SimulatedSubscription(stops, signal, () => this.open.delete(subscription));
    this.open.add(subscription);
    if (signal.aborted) subscription.close();
    return subscription;
  }

  closeAll(): void {
    for (const subscription of [...this.open]) subscription.close();
  }
}
