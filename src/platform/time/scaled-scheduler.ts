import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { checkedDelay } from '../duration.js';
import { simulationSpeed } from './simulation-speed.js';
import { sleepWith } from './sleep.js';

/** World timers of a scaled world: host timers `simulation.speed` times shorter, never early on the world's clock. */
@injectable()
export class ScaledScheduler implements Scheduler {
  private readonly speed: number;
  private count = 0;

  constructor(
    @inject(HostScheduler) private readonly host: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(ConfigController) config: ConfigController,
  ) {
    this.speed = simulationSpeed(config);
  }

  get pending(): number {
    return this.count;
  }

  after(delayMs: number, callback: () => void): () => void {
    const dueAt = this.clock.now() + checkedDelay(delayMs);
    let live = true;
    let cancelHost: () => void;
    const fire = (): void => {
      const rest = dueAt - this.clock.now();
      // At high speeds one host millisecond is many of the world's, and a host timer may round.
      if (rest > 0) {
        cancelHost = this.host.after(rest / this.speed, fire);
        return;
      }
      live = false;
      this.count -= 1;
      callback();
    };
    this.count += 1;
    cancelHost = this.host.after(delayMs / this.speed, fire);
    return () => {
      if (!live) return;
      live = false;
      this.count -= 1;
      cancelHost();
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepWith((ms, callback) => this.after(ms, callback), delayMs, signal);
  }
}
