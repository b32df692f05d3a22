import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { HostClock, type DrivenClock } from '../../ports/configuration/clock.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { fault } from '../../domain/errors.js';
import { checkedInstant } from '../duration.js';
import { simulationSpeed } from './simulation-speed.js';

/**
 * World time that starts at an instant and runs `simulation.speed` times as fast as the host's monotonic clock, so a
 * stepping wall clock never moves it. Starts at the wall clock's reading of its first use, unless `set` came before.
 * Speed is that of construction: a change needs a restart. Whole milliseconds, rounded down.
 */
@injectable()
export class ScaledClock implements DrivenClock {
  private readonly speed: number;
  private startAt: number | undefined;
  private startedAt = 0;

  constructor(
    @inject(HostClock) private readonly host: HostClock,
    @inject(ConfigController) config: ConfigController,
  ) {
    this.speed = simulationSpeed(config);
  }

  now(): number {
    if (this.startAt === undefined) this.anchor(this.host.wall());
    return Math.floor((this.startAt ?? 0) + (this.host.monotonic() - this.startedAt) * this.speed);
  }

  /** Goes on from `at`: for a world that resumes where an earlier process left it. */
  set(at: number): void {
    checkedInstant(at);
    if (this.startAt !== undefined && at < this.now()) {
      throw fault('TIME-001', `World time must not go backwards from ${this.now()}, was ${at}.`);
    }
    this.anchor(at);
  }

  private anchor(at: number): void {
    this.startAt = at;
    this.startedAt = this.host.monotonic();
  }
}
