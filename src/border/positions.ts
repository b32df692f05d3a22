import type { Balance, VenuePosition } from '../domain/market.js';
import {
  allowFinite,
  allowOneOf,
  requireFinite,
  requireList,
  requireNotNegative,
  requireObject,
  requireText,
} from './reading.js';
import { MARGIN_MODES, POSITION_SIDES } from './words.js';

/** Throws VENUE-005: a position that cannot be read is not known, and never flat. */
export function readPosition(position: VenuePosition): VenuePosition {
  requireObject(position, 'A position');
  requireText(position.symbol, 'Symbol of a position');
  requireFinite(position.size, `Size of the position in ${position.symbol}`);
  requireNotNegative(position.entryPrice, `Entry price of the position in ${position.symbol}`);
  allowFinite(position.markPrice, `Mark of the position in ${position.symbol}`);
  allowFinite(position.liquidationPrice, `Liquidation price of the position in ${position.symbol}`);
  allowFinite(position.leverage, `Leverage of the position in ${position.symbol}`);
  allowOneOf(position.marginMode, MARGIN_MODES, `Margin mode of the position in ${position.symbol}`);
  allowOneOf(position.positionSide, POSITION_SIDES, `Side of the position in ${position.symbol}`);
  return position;
}

/** Throws VENUE-005: a balance that cannot be read is not known, and never zero. */
export function readBalance(balance: Balance): Balance {
  requireObject(balance, 'A balance');
  requireText(balance.asset, 'Asset of a balance');
  requireFinite(balance.total, `Total of the balance in ${balance.asset}`);
  return balance;
}

/**
 * The balances of these assets. Throws VENUE-005 where one of them cannot be read. Whatever the venue says of others
 * hides none; a row that does not even name its asset is nobody's once each of these has been named.
 */
export function readBalances(rows: readonly Balance[], assets: readonly string[]): readonly Balance[] {
  requireList(rows, 'Balances');
  const found = rows.filter((row) => assets.includes((row as Balance | null)?.asset ?? ''));
  for (const row of found) readBalance(row);
  const isWhole = assets.every((asset) => found.some((row) => row.asset === asset));
  if (!isWhole) for (const row of rows) requireText((row as Balance | null)?.asset, 'Asset of a balance');
  return found;
}
