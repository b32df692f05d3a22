import type { InstrumentSpec } from '../../src/domain/instrument.js';
import { Clock, DrivenClock } from '../../src/ports/configuration/clock.js';
import { Scheduler } from '../../src/ports/configuration/scheduler.js';
import { instrumentSettings } from '../../src/runs/config-overrides.js';
import { SimulatedVenue } from '../../src/venues/simulated/brokerage/venue.js';
import { createBot } from '../create-bot.js';
import type { HostWorldClock } from './host-world-clock.js';

export interface ServedTime {
  readonly clock: HostWorldClock;
  readonly scheduler: Scheduler;
}

/** What an account begins with, in the currency that its markets settle in. */
const EQUITY = '100000';

/** The exchange of one account that trades these instruments, without a bot and without a market of its own. */
export function accountVenue(specs: readonly InstrumentSpec[], { clock, scheduler }: ServedTime): SimulatedVenue {
  const { container } = createBot({
    config: {
      profile: 'demo',
      symbols: specs.map(({ symbol }) => symbol),
      instruments: Object.fromEntries(specs.map((spec) => [spec.symbol, instrumentSettings(spec)])),
      // Exits of a position that is gone stay until somebody ends them: the venue ends none.
      simulation: { equity: `${EQUITY} ${specs[0]?.settle ?? 'USDT'}`, matching: { exitsEndWithPosition: false } },
      storage: { driver: 'memory' },
      logging: { level: 'error' },
    },
    overrides: (bindings) => {
      bindings.rebind(DrivenClock).toConstantValue(clock);
      bindings.rebind(Clock).toConstantValue(clock);
      bindings.rebind(Scheduler).toConstantValue(scheduler);
    },
  });
  return container.get(SimulatedVenue);
}
