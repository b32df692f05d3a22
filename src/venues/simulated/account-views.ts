import { Decimal, ZERO } from '../../domain/decimal.js';
import { moneyOf } from '../../domain/instrument.js';
import type { Balance, VenuePosition } from '../../domain/market.js';
import { units } from '../../domain/units.js';
import { equityOf, liquidationPrice, marginElsewhere } from './margin.js';
import type { Market } from './market.js';
import { MAX_OPEN_ORDERS } from './venue-parts.js';
import type { SimulatedVenue } from './venue.js';

const isSpot = (market: Market): boolean => market.instrument.spec.kind === 'spot';

/** The wallet, less what spot holdings cost, and those holdings. Available: equity that no margin binds. */
export function balancesOf(venue: SimulatedVenue): readonly Balance[] {
  const { account, markets } = venue;
  const settle = settleOf(venue);
  if (settle === undefined) return [];
  const held = [...markets.values()].filter((market) => isSpot(market) && market.position.lots !== 0);
  const wallet = held.reduce<number>((total, market) => total - market.position.cost, account.ledger.holdings);
  const free = equityOf(account, markets.values()) - marginElsewhere(account, markets.values(), undefined);
  return [
    { asset: settle, total: moneyOf(units(wallet)), available: moneyOf(units(Math.max(0, free))) },
    ...held.map((market) => ({ asset: market.instrument.spec.base, total: market.position.size, available: freeHolding(market) })),
  ];
}

/** Open positions; what is held on spot markets is a balance, not a position. */
export function positionsOf(venue: SimulatedVenue): readonly VenuePosition[] {
  const { account, markets } = venue;
  const positions: VenuePosition[] = [];
  for (const market of markets.values()) {
    const { position, instrument, symbol } = market;
    if (position.entryPrice === undefined || isSpot(market)) continue;
    const liquidation = liquidationPrice(account, markets.values(), market);
    positions.push({
      symbol,
      size: position.size,
      entryPrice: position.entryPrice,
      markPrice: instrument.markPrice(market.mark),
      ...(liquidation === undefined ? {} : { liquidationPrice: liquidation }),
      leverage: new Decimal(account.leverageOf(symbol)),
    });
  }
  return positions;
}

/** The deposit that opened the account; undefined when there is no instrument to name its currency, or it is zero. */
export function openingTransfer(venue: SimulatedVenue): { readonly id: string; readonly amount: Decimal; readonly asset: string; readonly at: number } | undefined {
  const { account } = venue;
  const asset = settleOf(venue);
  if (account.deposited === 0 || asset === undefined) return undefined;
  return { id: 'initial', amount: moneyOf(account.deposited), asset, at: account.depositedAt ?? 0 };
}

/** What an operator wants to see of the account: fees, limits, permissions, margin. Money as text. */
export function accountSnapshot(venue: SimulatedVenue): Readonly<Record<string, unknown>> {
  const { account, markets } = venue;
  const all = [...markets.values()];
  return {
    venue: 'simulated',
    permissions: { view: true, trade: true, transfer: false },
    fee_schedule: Object.fromEntries(all.map(({ symbol, instrument }) => [symbol, { maker: instrument.spec.makerFee.toString(), taker: instrument.spec.takerFee.toString() }])),
    limits: Object.fromEntries(all.map(({ symbol, instrument: { spec } }) => [symbol, { min_size: spec.minSize.toString(), min_notional: spec.minNotional.toString(), max_leverage: spec.maxLeverage.toString(), max_open_orders: MAX_OPEN_ORDERS }])),
    equity: moneyOf(equityOf(account, all)).toString(),
    initial_margin: moneyOf(marginElsewhere(account, all, undefined)).toString(),
    fees_paid: moneyOf(account.ledger.income('fees')).toString(),
    funding: moneyOf(account.ledger.income('funding')).toString(),
    realised: moneyOf(account.ledger.income('price')).toString(),
    open_orders: venue.openOrders().length,
  };
}

/** The account's one currency: that of every instrument. */
function settleOf(venue: SimulatedVenue): string | undefined {
  for (const market of venue.markets.values()) return market.instrument.spec.settle;
  return undefined;
}

function freeHolding(market: Market): Decimal {
  let free = market.position.size;
  for (const order of market.book.all()) if (order.request.side === 'sell') free = free.minus(market.instrument.size(order.remaining));
  return free.gt(0) ? free : ZERO;
}
