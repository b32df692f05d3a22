import { Clock, DrivenClock } from '../../src/ports/configuration/clock.js';
import { Scheduler } from '../../src/ports/configuration/scheduler.js';
import type { BotContainer } from '../container.js';

/** The time of a server, which everything that it serves goes by. */
export interface ServedTime {
  readonly clock: DrivenClock;
  readonly scheduler: Scheduler;
}

/** What makes a world go by it. */
export const goingBy =
  ({ clock, scheduler }: ServedTime) =>
  (bindings: Pick<BotContainer, 'rebind'>): void => {
    bindings.rebind(DrivenClock).toConstantValue(clock);
    bindings.rebind(Clock).toConstantValue(clock);
    bindings.rebind(Scheduler).toConstantValue(scheduler);
  };
