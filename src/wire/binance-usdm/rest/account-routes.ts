import { Decimal } from '../../../domain/decimal.js';
import { PerpsBotError } from '../../../domain/errors.js';
import type { MarginMode } from '../../../domain/order.js';
import { accountRow, balanceRow, positionRows } from '../account/account-rows.js';
import type { AccountDesks } from '../account/account-desks.js';
import type { Params } from '../params.js';
import { illegal, WireRefusal } from '../refusal.js';
import { cut, marketAsked, recentAsked, rowsAsked } from './asked.js';
import { weighs, type AccountRoute, type AccountRoutes } from './route.js';

const USUAL_ROWS = 100;
const MOST_ROWS = 1_000;
const INCOME_TYPES: ReadonlySet<string> = new Set([
  ...['TRANSFER', 'WELCOME_BONUS', 'AUTO_EXCHANGE'],
  ...['REALIZED_PNL', 'COMMISSION', 'FUNDING_FEE', 'INSURANCE_CLEAR'],
]);
const SUCCESS = { code: 200, msg: 'success' };

/** Money, positions and settings of an account. Source: Binance, "USDⓈ-M Futures, Account". */
export const accountRoutes: AccountRoutes = new Map<string, AccountRoute>([
  ['GET /fapi/v3/balance', { weight: weighs(5), answer: ({ account }) => [balanceRow(account)] }],
  ['GET /fapi/v2/balance', { weight: weighs(5), answer: ({ account }) => [balanceRow(account)] }],
  ['GET /fapi/v3/account', { weight: weighs(5), answer: ({ account }) => accountRow(account) }],
  ['GET /fapi/v3/positionRisk', { weight: weighs(5), answer: positions }],
  ['GET /fapi/v1/income', { weight: weighs(30), answer: income }],
  ['GET /fapi/v1/accountConfig', { weight: weighs(5), answer: accountConfig }],
  // Of another host of the venue's.
  ['GET /sapi/v1/account/apiRestrictions', { weight: weighs(1), answer: restrictions }],
  ['GET /fapi/v1/symbolConfig', { weight: weighs(5), answer: symbolConfig }],
  ['POST /fapi/v1/leverage', { weight: weighs(1), answer: setLeverage }],
  ['POST /fapi/v1/marginType', { weight: weighs(1), answer: setMarginType }],
  ['POST /fapi/v1/positionMargin', { weight: weighs(1), answer: movePositionMargin }],
  [
    'GET /fapi/v1/positionSide/dual',
    { weight: weighs(30), answer: ({ account }) => ({ dualSidePosition: account.mode === 'hedge' }) },
  ],
  ['POST /fapi/v1/positionSide/dual', { weight: weighs(1), answer: setPositionMode }],
  [
    'GET /fapi/v1/multiAssetsMargin',
    { weight: weighs(30), answer: ({ account }) => ({ multiAssetsMargin: account.isMultiAsset }) },
  ],
  ['POST /fapi/v1/multiAssetsMargin', { weight: weighs(1), answer: setMultiAsset }],
  [
    'POST /fapi/v1/listenKey',
    { weight: weighs(1), byKey: true, answer: ({ account }) => ({ listenKey: account.listenKeys.open() }) },
  ],
  ['PUT /fapi/v1/listenKey', { weight: weighs(1), byKey: true, answer: renewListenKey }],
  ['DELETE /fapi/v1/listenKey', { weight: weighs(1), byKey: true, answer: endListenKey }],
]);

function positions({ account }: AccountDesks, params: Params): unknown {
  account.exchange.pass();
  return positionRows(account, params.get('symbol') === undefined ? undefined : marketAsked(account.markets, params));
}

function income({ account }: AccountDesks, params: Params): unknown {
  const market = params.get('symbol') === undefined ? undefined : marketAsked(account.markets, params);
  const type = params.get('incomeType');
  if (type !== undefined && !INCOME_TYPES.has(type)) throw illegal('incomeType');
  const [from, to] = recentAsked(params, account.now);
  const rows = account.past.incomes
    .of(market?.name, account.now)
    .filter((each) => (type === undefined || each.type === type) && each.at >= from && each.at <= to);
  const most = rowsAsked(params, USUAL_ROWS, MOST_ROWS);
  const page = params.whole('page', 1);
  if (page === 0) throw illegal('page');
  return cut(rows.slice((page - 1) * most), most, true).map((each) => ({
    symbol: each.symbol,
    incomeType: each.type,
    income: each.amount.toFixed(8),
    asset: each.asset,
    info: each.type,
    time: each.at,
    tranId: each.id,
    tradeId: each.tradeId,
  }));
}

/** Source: Binance, "Wallet, Get API Key Permission". */
function restrictions({ account }: AccountDesks): unknown {
  return {
    ipRestrict: false,
    enableReading: true,
    enableFutures: account.mayTrade,
    enableWithdrawals: account.key.mayWithdraw === true,
  };
}

function accountConfig({ account }: AccountDesks): unknown {
  return {
    feeTier: 0,
    canTrade: account.mayTrade,
    canDeposit: true,
    canWithdraw: false,
    dualSidePosition: account.mode === 'hedge',
    updateTime: account.now,
    multiAssetsMargin: account.isMultiAsset,
    tradeGroupId: -1,
  };
}

function symbolConfig({ account }: AccountDesks, params: Params): unknown {
  const markets =
    params.get('symbol') === undefined ? [...account.markets.values()] : [marketAsked(account.markets, params)];
  const own = account.books;
  return markets.map(({ name, instrument }) => ({
    symbol: name,
    marginType: account.venue.markets.get(name)?.holdings.mode === 'isolated' ? 'ISOLATED' : 'CROSSED',
    isAutoAddMargin: false,
    leverage: own.leverageOf(name),
    maxNotionalValue: instrument.spec.tiers?.[0]?.cap?.toFixed() ?? '1000000000',
  }));
}

function setLeverage(desks: AccountDesks, params: Params): unknown {
  const { account } = desks;
  const { name, instrument } = marketAsked(account.markets, params);
  const leverage = params.whole('leverage', undefined);
  if (leverage === undefined || leverage < 1 || instrument.spec.maxLeverage.lt(leverage))
    throw new WireRefusal(-4028, `Leverage ${String(leverage)} is not valid`);
  refused(-4161, () => account.venue.setLeverage(name, leverage));
  account.tellLeverage(name, leverage);
  return { leverage, maxNotionalValue: '1000000000', symbol: name };
}

function setMarginType({ account }: AccountDesks, params: Params): unknown {
  const { name } = marketAsked(account.markets, params);
  const asked = params.need('marginType');
  if (asked !== 'ISOLATED' && asked !== 'CROSSED') throw illegal('marginType');
  const mode: MarginMode = asked === 'ISOLATED' ? 'isolated' : 'cross';
  if (account.venue.markets.get(name)?.holdings.mode === mode)
    throw new WireRefusal(-4046, 'No need to change margin type.');
  if (mode === 'isolated' && account.isMultiAsset)
    throw new WireRefusal(-4168, 'Unable to adjust to isolated-margin mode under the Multi-Assets mode.');
  refused(-4048, () => account.venue.setMarginMode(name, mode));
  return SUCCESS;
}

function movePositionMargin({ account }: AccountDesks, params: Params): unknown {
  const { name } = marketAsked(account.markets, params);
  const text = params.need('amount');
  const type = params.whole('type', undefined);
  if (!/^\d{1,20}(?:\.\d{1,8})?$/.test(text)) throw illegal('amount');
  if (type !== 1 && type !== 2) throw illegal('type');
  const amount = new Decimal(text);
  const side = params.get('positionSide');
  refused(-4051, () =>
    account.venue.moveIsolatedMargin(
      name,
      type === 1 ? amount : amount.negated(),
      side === 'LONG' ? 'long' : side === 'SHORT' ? 'short' : undefined,
    ),
  );
  return { code: 200, msg: 'Successfully modify position margin.', amount: amount.toNumber(), type };
}

function setPositionMode({ account }: AccountDesks, params: Params): unknown {
  const isHedge = flagOf(params, 'dualSidePosition');
  if (isHedge === (account.mode === 'hedge')) throw new WireRefusal(-4059, 'No need to change position side.');
  if (account.register.live.size > 0)
    throw new WireRefusal(-4067, 'Position side cannot be changed if there exists open orders.');
  refused(-4068, () => account.venue.setPositionMode(isHedge ? 'hedge' : 'one_way'));
  return SUCCESS;
}

function setMultiAsset({ account }: AccountDesks, params: Params): unknown {
  const isMulti = flagOf(params, 'multiAssetsMargin');
  if (isMulti === account.isMultiAsset) throw new WireRefusal(-4171, 'No need to change Multi-Assets mode.');
  account.isMultiAsset = isMulti;
  return SUCCESS;
}

function renewListenKey({ account }: AccountDesks): unknown {
  if (!account.listenKeys.renew()) throw new WireRefusal(-1125, 'This listenKey does not exist.');
  return { listenKey: account.listenKeys.living };
}

function endListenKey({ account }: AccountDesks): unknown {
  account.listenKeys.end();
  return {};
}

function flagOf(params: Params, name: string): boolean {
  const text = params.need(name).toLowerCase();
  if (text !== 'true' && text !== 'false') throw illegal(name);
  return text === 'true';
}

/** What the exchange does not do is the venue's refusal. */
function refused(code: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!PerpsBotError.is(error)) throw error;
    throw new WireRefusal(code, error.message);
  }
}
