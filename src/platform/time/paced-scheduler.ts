import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { DrivenClock, HostClock } from '../../ports/configuration/clock.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { simulationSpeed } from './simulation-speed.js';
import { VirtualScheduler } from './virtual-scheduler.js';

/** A host that was busy catches up by so much; beyond it the world is later than asked, and nothing else. */
const MOST_LAG_MS = 100;

/**
 * Virtual time that waits: a timer fires once the host's monotonic clock has gone on by its share of
 * `simulation.speed`. The host decides when the world goes on and never what happens in it: time stands while work is
 * done, and a slow host makes a slow world. Speed is that of construction: a change needs a restart.
 */
@injectable()
export class PacedScheduler extends VirtualScheduler {
  protected override readonly speed: number;
  /** The world stands at `world` since the host's instant `host`. */
  private world = Number.NaN;
  private host = 0;
  /** The next timer, and the host's instant for it. */
  private nextWorld = Number.NaN;
  private nextHost = 0;
  private firing = false;

  constructor(
    @inject(DrivenClock) clock: DrivenClock,
    @inject(HostScheduler) private readonly timers: Scheduler,
    @inject(HostClock) private readonly hostClock: HostClock,
    @inject(ConfigController) config: ConfigController,
  ) {
    super(clock);
    this.speed = simulationSpeed(config);
  }

  override after(delayMs: number, callback: () => void): () => void {
    // A world in which nothing was due stood still; it goes on from now. A timer that asks for the next one does not.
    if (this.pending === 0 && !this.firing) this.begin();
    return super.after(delayMs, callback);
  }

  override resume(): void {
    this.begin();
    super.resume();
  }

  protected override turnTo(at: number, step: () => void): () => void {
    const wait = this.waitUntil(at);
    const fire = (): void => {
      this.firing = true;
      try {
        step();
      } finally {
        this.firing = false;
      }
    };
    return wait <= 0 ? super.turnTo(at, fire) : this.timers.after(wait, fire);
  }

  private begin(): void {
    this.world = Number.NaN;
    this.nextWorld = Number.NaN;
  }

  /** Host milliseconds until the world may be at `at`. */
  private waitUntil(at: number): number {
    const now = this.clock.now();
    const host = this.hostClock.monotonic();
    if (now !== this.world) {
      // It came here by the timer that was waited for, or its driver set it: then it goes on from now.
      this.host = now === this.nextWorld ? Math.max(this.nextHost, host - MOST_LAG_MS) : host;
      this.world = now;
    }
    this.nextWorld = at;
    this.nextHost = this.host + this.hostMs(at - now);
    return this.nextHost - host;
  }
}
