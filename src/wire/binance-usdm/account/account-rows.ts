import { ZERO, type Decimal } from '../../../domain/decimal.js';
import type { VenuePosition } from '../../../domain/market.js';
import type { PositionMode } from '../../../domain/order.js';
import { units } from '../../../domain/units.js';
import { balancesOf, positionsOf } from '../../../venues/simulated/brokerage/account-views.js';
import { equityOf, marginElsewhere } from '../../../venues/simulated/core/margin.js';
import type { SimulatedVenue, VenueAccount } from '../../../venues/simulated/brokerage/venue.js';
import type { WireMarket } from '../market/wire-market.js';
import type { WireMarkets } from '../rest/asked.js';

type Row = Readonly<Record<string, unknown>>;

const MONEY_DIGITS = 8;
const text = (value: Decimal): string => value.toFixed(MONEY_DIGITS);

/** What the rows are made of. */
interface AccountView {
  readonly venue: SimulatedVenue;
  readonly markets: WireMarkets;
  readonly alias: string;
  readonly mode: PositionMode;
  readonly now: number;
}

interface Money {
  readonly asset: string;
  readonly wallet: Decimal;
  readonly available: Decimal;
  readonly unrealised: Decimal;
  readonly initial: Decimal;
  readonly maintenance: Decimal;
}

function moneyOf({ venue }: AccountView): Money {
  const { account, markets } = venue.accounts[0] as VenueAccount;
  const [balance] = balancesOf(venue);
  const wallet = balance?.total ?? ZERO;
  const all = [...markets.values()];
  return {
    asset: balance?.asset ?? 'USDT',
    wallet,
    available: balance?.available ?? ZERO,
    unrealised: account.unit.of(units(equityOf(account, all))).minus(wallet),
    initial: account.unit.of(units(marginElsewhere(account, all, undefined))),
    maintenance: positionsOf(venue).reduce((sum, { maintenanceMargin }) => sum.plus(maintenanceMargin ?? ZERO), ZERO),
  };
}

/** One row of `GET /fapi/v3/balance`. */
export function balanceRow(account: AccountView): Row {
  const { asset, wallet, available, unrealised } = moneyOf(account);
  return {
    accountAlias: account.alias,
    asset,
    balance: text(wallet),
    crossWalletBalance: text(wallet),
    crossUnPnl: text(unrealised),
    availableBalance: text(available),
    maxWithdrawAmount: text(available),
    marginAvailable: true,
    updateTime: account.now,
  };
}

/** `GET /fapi/v3/account`. */
export function accountRow(account: AccountView): Row {
  const { asset, wallet, available, unrealised, initial, maintenance } = moneyOf(account);
  const positions = positionsOf(account.venue);
  const bound = positions.reduce((sum, position) => sum.plus(marginOf(position)), ZERO);
  const money = {
    WalletBalance: text(wallet),
    MaintMargin: text(maintenance),
  };
  const shared = {
    availableBalance: text(available),
    maxWithdrawAmount: text(available),
  };
  return {
    totalInitialMargin: text(initial),
    totalMaintMargin: money.MaintMargin,
    totalWalletBalance: money.WalletBalance,
    totalUnrealizedProfit: text(unrealised),
    totalMarginBalance: text(wallet.plus(unrealised)),
    totalPositionInitialMargin: text(bound),
    totalOpenOrderInitialMargin: text(positive(initial.minus(bound))),
    totalCrossWalletBalance: money.WalletBalance,
    totalCrossUnPnl: text(unrealised),
    ...shared,
    assets: [
      {
        asset,
        walletBalance: money.WalletBalance,
        unrealizedProfit: text(unrealised),
        marginBalance: text(wallet.plus(unrealised)),
        maintMargin: money.MaintMargin,
        initialMargin: text(initial),
        positionInitialMargin: text(bound),
        openOrderInitialMargin: text(positive(initial.minus(bound))),
        crossWalletBalance: money.WalletBalance,
        crossUnPnl: text(unrealised),
        ...shared,
        updateTime: account.now,
      },
    ],
    positions: positions.map((position) => {
      const row = positionRow(account, position);
      const names = [
        'symbol',
        'positionSide',
        'positionAmt',
        'notional',
        'isolatedWallet',
        'initialMargin',
        'maintMargin',
      ];
      return {
        ...Object.fromEntries(names.map((name) => [name, row[name]])),
        unrealizedProfit: row['unRealizedProfit'],
        isolatedMargin: row['isolatedMargin'],
        updateTime: row['updateTime'],
      };
    }),
  };
}

/** Rows of `GET /fapi/v3/positionRisk`: of symbols with a position, or with orders. */
export function positionRows(account: AccountView, only: WireMarket | undefined): readonly Row[] {
  const held = positionsOf(account.venue);
  const rows = held.filter(({ symbol }) => only === undefined || only.name === symbol);
  const named = new Set(rows.map(({ symbol }) => symbol));
  const flat = [...account.markets.values()].filter(
    ({ name }) =>
      !named.has(name) && (only === undefined || only.name === name) && account.venue.openOrders(name).length > 0,
  );
  return [
    ...rows.map((position) => positionRow(account, position)),
    ...flat.map(({ name }) => positionRow(account, { symbol: name, size: ZERO, entryPrice: ZERO })),
  ];
}

function positionRow(account: AccountView, position: VenuePosition): Row {
  const market = account.markets.get(position.symbol) as WireMarket;
  const inside = account.venue.markets.get(position.symbol);
  const { instrument } = market;
  const mark = position.markPrice ?? (inside === undefined ? ZERO : instrument.markPrice(inside.mark));
  const notional = position.size.times(mark);
  const initial = text(marginOf(position));
  return {
    symbol: market.name,
    positionSide: sideOf(position),
    positionAmt: market.size(position.size),
    entryPrice: text(position.entryPrice),
    breakEvenPrice: text(position.entryPrice),
    markPrice: text(mark),
    unRealizedProfit: text(mark.minus(position.entryPrice).times(position.size)),
    liquidationPrice: text(position.liquidationPrice ?? ZERO),
    isolatedMargin: text(position.isolatedMargin ?? ZERO),
    notional: text(notional),
    marginAsset: instrument.spec.settle,
    isolatedWallet: text(position.isolatedMargin ?? ZERO),
    initialMargin: initial,
    maintMargin: text(position.maintenanceMargin ?? ZERO),
    positionInitialMargin: initial,
    openOrderInitialMargin: '0',
    // The venue counts from 0.
    adl: position.adlQuantile === undefined ? 0 : position.adlQuantile - 1,
    bidNotional: '0',
    askNotional: '0',
    updateTime: account.now,
  };
}

const marginOf = ({ size, markPrice, leverage }: VenuePosition): Decimal =>
  markPrice === undefined || leverage === undefined ? ZERO : size.abs().times(markPrice).div(leverage);
const positive = (value: Decimal): Decimal => (value.gt(0) ? value : ZERO);
const sideOf = ({ positionSide }: VenuePosition): string => positionSide?.toUpperCase() ?? 'BOTH';

/** Of `ACCOUNT_UPDATE`. */
export function balanceChange(account: AccountView, change: Decimal): Row {
  const { asset, wallet } = moneyOf(account);
  return { a: asset, wb: text(wallet), cw: text(wallet), bc: text(change) };
}

/** Of `ACCOUNT_UPDATE`: what is closed is told as zero. */
export function positionChange(account: AccountView, market: WireMarket): readonly Row[] {
  const held = positionsOf(account.venue).filter(({ symbol }) => symbol === market.name);
  const none: VenuePosition = { symbol: market.name, size: ZERO, entryPrice: ZERO };
  const sides =
    account.mode === 'hedge'
      ? (['long', 'short'] as const).map(
          (positionSide) => held.find((each) => each.positionSide === positionSide) ?? { ...none, positionSide },
        )
      : [held[0] ?? none];
  const mode = account.venue.markets.get(market.name)?.holdings.mode ?? 'cross';
  return sides.map((position) => {
    const row = positionRow(account, position);
    return {
      s: market.name,
      pa: row['positionAmt'],
      ep: row['entryPrice'],
      bep: row['breakEvenPrice'],
      cr: '0',
      up: row['unRealizedProfit'],
      mt: mode,
      iw: row['isolatedWallet'],
      ps: row['positionSide'],
    };
  });
}
