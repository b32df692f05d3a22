import { Decimal } from '../../src/domain/decimal.js';
import type { InstrumentSpec } from '../../src/domain/instrument.js';
import { instrumentSettings } from '../../src/runs/config-overrides.js';
import { SimulatedVenue } from '../../src/venues/simulated/brokerage/venue.js';
import { createBot } from '../create-bot.js';
import { goingBy, type ServedTime } from './served-time.js';

/** What an account begins with, in the currency that its markets settle in. */
const EQUITY = '100000';
const PERCENT = 100;

/** The exchange of one account that trades these instruments, without a bot and without a market of its own. */
export function accountVenue(specs: readonly InstrumentSpec[], time: ServedTime): SimulatedVenue {
  const { container } = createBot({
    config: {
      profile: 'demo',
      symbols: specs.map(({ symbol }) => symbol),
      instruments: Object.fromEntries(specs.map((spec) => [spec.symbol, instrumentSettings(spec)])),
      // Exits of a position that is gone stay until somebody ends them: the venue ends none.
      simulation: {
        equity: `${EQUITY} ${specs[0]?.settle ?? 'USDT'}`,
        matching: { exitsEndWithPosition: false, ...bandOf(specs) },
      },
      storage: { driver: 'memory' },
      logging: { level: 'error' },
    },
    overrides: goingBy(time),
  });
  return container.get(SimulatedVenue);
}

/** How far from the mark the venue takes prices: the narrowest of what its markets say. */
function bandOf(specs: readonly InstrumentSpec[]): { readonly priceBand?: string } {
  const bands = specs.flatMap(({ band }) => (band === undefined ? [] : [band.above, band.below]));
  return bands.length === 0
    ? {}
    : {
        priceBand: `${Decimal.min(...bands)
          .times(PERCENT)
          .toFixed()}%`,
      };
}
