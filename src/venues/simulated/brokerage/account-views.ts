import { Decimal, ZERO } from '../../../domain/decimal.js';
import type { MoneyUnit } from '../../../domain/instrument.js';
import type { Balance, VenuePosition } from '../../../domain/market.js';
import { units } from '../../../domain/units.js';
import type { AccountTerms } from '../../../ports/venue/account-terms.js';
import type { Transfer } from '../../../ports/venue/transfer.js';
import { deleverageQuantile } from '../engine/deleveraging.js';
import { equityOf, liquidationPrice, maintenanceAt, marginElsewhere, totalEquity } from '../core/margin.js';
import type { Market } from '../core/market.js';
import type { Holding } from '../core/positions.js';
import type { SimulatedVenue, VenueAccount } from './venue.js';

type Own = Pick<VenueAccount, 'account' | 'markets'>;

const isSpot = (market: Market): boolean => market.instrument.spec.kind === 'spot';

/**
 * The wallets, less what spot holdings cost, and those holdings: sums over the venues. Available: equity that no margin
 * binds. What is available at one venue backs nothing at another; `accountSnapshot` names the parts.
 */
export function balancesOf(venue: SimulatedVenue): readonly Balance[] {
  const settle = settleOf(venue);
  if (settle === undefined) return [];
  let wallet = 0;
  let available = 0;
  const held: Balance[] = [];
  for (const { account, markets } of venue.accounts) {
    const own = [...markets.values()];
    wallet += account.ledger.holdings;
    available += Math.max(0, freeOf({ account, markets }));
    for (const market of own) {
      if (!isSpot(market) || market.position.lots === 0) continue;
      wallet -= market.position.cost;
      held.push({ asset: market.instrument.spec.base, total: market.position.size, available: freeHolding(market) });
    }
  }
  const unit = unitOf(venue);
  return [{ asset: settle, total: unit.of(units(wallet)), available: unit.of(units(available)) }, ...held];
}

/**
 * Open positions, those of a hedged account side by side; what is held on spot markets is a balance, not a position.
 */
export function positionsOf(venue: SimulatedVenue): readonly VenuePosition[] {
  const positions: VenuePosition[] = [];
  for (const { account, markets } of venue.accounts) {
    for (const market of markets.values()) {
      if (isSpot(market)) continue;
      for (const holding of market.holdings.all)
        if (holding.position.lots !== 0) positions.push(viewOf({ account, markets }, market, holding));
    }
  }
  return positions;
}

function viewOf({ account, markets }: Own, market: Market, holding: Holding): VenuePosition {
  const { position, side, wallet } = holding;
  const { instrument, symbol, holdings } = market;
  const liquidation = liquidationPrice(account, markets.values(), market, holding);
  return {
    symbol,
    size: position.size,
    entryPrice: position.entryPrice ?? ZERO,
    markPrice: instrument.markPrice(market.mark),
    ...(liquidation === undefined ? {} : { liquidationPrice: liquidation }),
    leverage: new Decimal(account.leverageOf(symbol)),
    marginMode: holdings.mode,
    ...(holdings.mode === 'isolated' ? { isolatedMargin: account.unit.of(wallet) } : {}),
    maintenanceMargin: account.unit.of(units(maintenanceAt(market, holding, market.mark))),
    adlQuantile: deleverageQuantile(account, markets, market, holding),
    ...(side === undefined ? {} : { positionSide: side }),
  };
}

/**
 * The deposits that opened the accounts, as one; undefined when there is no instrument to name their currency, or they
 * are zero.
 */
export function openingTransfer(venue: SimulatedVenue): Transfer | undefined {
  const asset = settleOf(venue);
  let deposited = 0;
  let at: number | undefined;
  for (const { account } of venue.accounts) {
    deposited += account.deposited;
    at = Math.min(account.depositedAt ?? Number.POSITIVE_INFINITY, at ?? Number.POSITIVE_INFINITY);
  }
  if (deposited === 0 || asset === undefined) return undefined;
  return {
    id: 'initial',
    amount: unitOf(venue).of(units(deposited)),
    asset,
    at: at !== undefined && Number.isFinite(at) ? at : 0,
  };
}

/** How these symbols are traded; those the exchange does not list are left out. */
export function termsOf(venue: SimulatedVenue, symbols: readonly string[]): AccountTerms {
  const [first] = venue.accounts;
  return {
    ...(first === undefined ? {} : { positionMode: first.account.positionMode }),
    symbols: venue.accounts.flatMap(({ account, markets }) =>
      symbols.flatMap((symbol) => {
        const market = markets.get(symbol);
        if (market === undefined || isSpot(market)) return [];
        return [{ symbol, leverage: new Decimal(account.leverageOf(symbol)), marginMode: market.holdings.mode }];
      }),
    ),
    permissions: { trade: true, withdraw: false },
  };
}

/** What an operator wants to see of the accounts: fees, limits, permissions, margin. Money as text. */
export function accountSnapshot(venue: SimulatedVenue, maxOpenOrders: number): Readonly<Record<string, unknown>> {
  const all = [...venue.markets.values()];
  const [first] = venue.accounts;
  const several = venue.accounts.length > 1;
  return {
    venue: 'simulated',
    permissions: { view: true, trade: true, transfer: false },
    fee_schedule: Object.fromEntries(
      all.map(({ symbol, instrument }) => [
        symbol,
        { maker: instrument.spec.makerFee.toString(), taker: instrument.spec.takerFee.toString() },
      ]),
    ),
    limits: Object.fromEntries(
      all.map(({ symbol, instrument: { spec } }) => [
        symbol,
        {
          min_size: spec.minSize.toString(),
          min_notional: spec.minNotional.toString(),
          max_leverage: spec.maxLeverage.toString(),
          max_open_orders: maxOpenOrders,
        },
      ]),
    ),
    position_mode: first?.account.positionMode ?? 'one_way',
    ...(several ? {} : { fee_tier: first?.account.schedule.active?.name ?? null }),
    ...moneyTexts(venue.accounts.map(moneyIn)),
    ...(several
      ? {
          venues: Object.fromEntries(
            venue.accounts.map((own) => [
              own.name,
              { fee_tier: own.account.schedule.active?.name ?? null, ...moneyTexts([moneyIn(own)]) },
            ]),
          ),
        }
      : {}),
    open_orders: venue.openOrders().length,
  };
}

/** Money of one account. */
function moneyIn({ account, markets }: Own): Readonly<Record<string, Decimal>> {
  const all = [...markets.values()];
  const { unit } = account;
  return {
    equity: unit.of(totalEquity(account, all)),
    volume_30d: account.schedule.volume,
    isolated_margin: unit.of(account.ledger.margin),
    insurance_fund: unit.of(account.books.fund),
    initial_margin: unit.of(marginElsewhere(account, all, undefined)),
    fees_paid: unit.of(account.ledger.income('fees')),
    funding: unit.of(account.ledger.income('funding')),
    realised: unit.of(account.ledger.income('price')),
  };
}

/** Sums, as text. */
function moneyTexts(parts: readonly Readonly<Record<string, Decimal>>[]): Readonly<Record<string, string>> {
  const sums = new Map<string, Decimal>();
  for (const part of parts)
    for (const [key, amount] of Object.entries(part)) sums.set(key, (sums.get(key) ?? ZERO).plus(amount));
  return Object.fromEntries([...sums].map(([key, amount]) => [key, amount.toString()]));
}

/** Equity that no margin binds; negative when more is bound than there is. */
const freeOf = ({ account, markets }: Own): number =>
  equityOf(account, markets.values()) - marginElsewhere(account, markets.values(), undefined);

/** What the money of all accounts is counted in. */
const unitOf = ({ accounts }: SimulatedVenue): MoneyUnit => (accounts[0] as VenueAccount).account.unit;

/** The one currency of all accounts: that of every instrument. */
function settleOf(venue: SimulatedVenue): string | undefined {
  for (const market of venue.markets.values()) return market.instrument.spec.settle;
  return undefined;
}

function freeHolding(market: Market): Decimal {
  let free = market.position.size;
  for (const order of market.book.all())
    if (order.request.side === 'sell') free = free.minus(market.instrument.size(order.remaining));
  return free.gt(0) ? free : ZERO;
}
