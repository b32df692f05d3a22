import type { WireAccount } from '../account/wire-account.js';
import type { WireMarket } from '../market/wire-market.js';
import { lots, ticks } from '../../../domain/units.js';

/** Half of a position is taken by the other side of somebody's bankruptcy, at the mark. */
export function deleveraged(account: WireAccount, { name }: WireMarket): void {
  const inside = account.venue.markets.get(name);
  const held = account.lotsOf(name);
  if (inside === undefined || held === 0) return;
  const price = ticks(Math.max(1, Math.round(inside.mark / inside.instrument.marksPerTick)));
  account.venue.deleverage(name, held > 0 ? 'sell' : 'buy', lots(Math.ceil(Math.abs(held) / 2)), price, account.now);
}

/** The whole of a position, however well it is backed. */
export const forcedOut = (account: WireAccount, { name }: WireMarket): void =>
  account.venue.liquidate(name, account.now);
