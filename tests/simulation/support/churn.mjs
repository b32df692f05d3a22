import { hold } from '../../../.cache/modules/src/domain/decision.js';
import { lots, ticks } from '../../../.cache/modules/src/domain/units.js';

const NOTHING = hold('Not its turn');
/** Lots of one order: more than one quote usually shows, so that limits fill in parts. */
const SIZE = 12_000;
/** Of a limit out of reach: one rests from every round, and together they leave room for the rest to be traded. */
const FAR_SIZE = 300;
const ROUND = 6;

/**
 * Trades at every step, of every kind: entries at market, limits that take a part and rest with the remainder, limits
 * that rest out of reach until the shutdown cancels them, stops, closes. A function of the step alone, so that a
 * restarted process goes on with the same round.
 */
class Churn {
  name = 'churn';
  lookback = 1;
  needsSnapshot = false;

  decide({ instrument, mark, position, now, series }) {
    const price = Math.floor(mark / instrument.marksPerTick);
    const side = position.lots > 0 ? 'sell' : 'buy';
    const limit = (away) => ({ orderType: 'limit', limit: ticks(price + (side === 'buy' ? -away : away)) });
    const order = (extra) => ({ action: side, reason: 'churn', quantity: lots(SIZE), ...extra });
    switch (Math.floor(now / series.intervalMs) % ROUND) {
      case 0:
        return order({ orderType: 'market' });
      case 1:
        return order(limit(-40));
      case 2:
        return position.lots === 0 ? order({ orderType: 'market' }) : { action: 'close', reason: 'churn' };
      case 3:
        return order({ ...limit(20_000), postOnly: true, quantity: lots(FAR_SIZE) });
      case 4:
        return position.lots === 0
          ? NOTHING
          : {
              action: side,
              reason: 'churn stop',
              quantity: lots(SIZE),
              orderType: 'stop_market',
              reduceOnly: true,
              stopTrigger: ticks(price + (side === 'sell' ? -150 : 150)),
            };
      default:
        return order(limit(30));
    }
  }

  onFill() {}

  snapshot() {
    return undefined;
  }

  restore() {}
}

export const churn = { name: 'churn', parameters: [], lookback: () => 1, create: () => new Churn() };
