import type { WireAccount } from '../account/wire-account.js';
import type { WireMarket } from '../market/wire-market.js';
import { lots, ticks, type MarkUnits } from '../../../domain/units.js';

/** Half of a position is taken by the other side of somebody's bankruptcy, at the mark. */
export function deleveraged(account: WireAccount, { name }: WireMarket): void {
  const inside = account.venue.markets.get(name);
  const held = account.lotsOf(name);
  if (inside === undefined || held === 0) return;
  const price = ticks(Math.max(1, Math.round(inside.mark / inside.instrument.marksPerTick)));
  account.venue.deleverage(name, held > 0 ? 'sell' : 'buy', lots(Math.ceil(Math.abs(held) / 2)), price, account.now);
}

/** For an instant the mark is where nothing bears the position any more. */
export function forcedOut(account: WireAccount, market: WireMarket): void {
  const { venue } = account;
  const inside = venue.markets.get(market.name);
  const held = account.lotsOf(market.name);
  if (inside === undefined || held === 0) return;
  const before = inside.mark;
  venue.mark(market.name, (held > 0 ? 1 : before * 10) as MarkUnits, account.now);
  venue.mark(market.name, before, account.now);
  // Where nobody tells of marks they follow the market again.
  if (market.mark === undefined) venue.lapse?.(market.name, 'mark', account.now);
}
