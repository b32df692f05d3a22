import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { SimulatedVenue } from './venue.js';

/**
 * Lets what is on the wire arrive at its instant where no event of the market happens then: a request between two bars
 * does not wait for the second one. By the world's own timers, like everything that takes the world's time.
 */
export class Deliveries {
  private at = Number.POSITIVE_INFINITY;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly venue: SimulatedVenue,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    /** The exchange could not go on. */
    private readonly failed: (error: unknown) => void,
  ) {}

  begin(): void {
    this.venue.wire.onPost = () => this.plan();
    this.plan();
  }

  end(): void {
    this.venue.wire.onPost = undefined;
    this.rest();
  }

  private plan(): void {
    const { nextAt } = this.venue.wire;
    if (!(nextAt < this.at)) return;
    this.rest();
    this.at = nextAt;
    this.cancel = this.scheduler.after(Math.max(0, nextAt - this.clock.now()), () => this.arrive());
  }

  private arrive(): void {
    this.at = Number.POSITIVE_INFINITY;
    this.cancel = undefined;
    try {
      this.venue.advance(this.clock.now());
    } catch (error) {
      this.failed(error);
      return;
    }
    this.plan();
  }

  private rest(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.at = Number.POSITIVE_INFINITY;
  }
}
