import { feeOf } from '../../../../domain/fees.js';
import type { Instrument } from '../../../../domain/instrument.js';
import { closesPosition, type OrderRequest } from '../../../../domain/order.js';
import { lots, units } from '../../../../domain/units.js';
import {
  bracketRefusal,
  equityOf,
  initialMargin,
  leverageRefusal,
  marginElsewhere,
  openLoss,
  type ProspectiveOrder,
} from '../../core/margin.js';
import type { Market } from '../../core/market.js';
import { follows, onlyReduces } from '../../core/request-kinds.js';
import { isConditional } from '../../core/trigger-rules.js';
import { metPrice, no, type RuleCheck, type RuleContext, type Refusal, type VenueRules } from './rule.js';
import { orderValue } from './size.js';

/** The leverage exists, and a position may be as large as this one would be at it. */
export const leverage: RuleCheck = (request, context) => {
  const { market } = context;
  if (request.leverage !== undefined && !isLeverage(request.leverage, market.instrument)) {
    return no(
      'leverage',
      `Leverage must be from 1 to ${market.instrument.spec.maxLeverage.toString()}, was ${request.leverage}.`,
    );
  }
  if (onlyReduces(request)) return undefined;
  const chosen = leverageFor(request, context);
  const refused =
    leverageRefusal(market, context.account.leverageOf(market.symbol), chosen) ??
    bracketRefusal(market, chosen, prospective(request, context));
  return refused === undefined ? undefined : no('leverage', refused);
};

/**
 * Spot: what is sold must be held. Else: equity must cover initial margin, open loss and fee, unless the order adds
 * none.
 */
export const margin: RuleCheck = (request, context) => {
  const { market, account, markets, amends, rules } = context;
  if (onlyReduces(request)) return undefined;
  if (market.instrument.spec.kind === 'spot' && request.side === 'sell')
    return follows(request) ? undefined : holdings(request, market);
  const chosen = leverageFor(request, context);
  const extra = prospective(request, context);
  const before = initialMargin(
    market,
    account.leverageOf(market.symbol),
    amends === undefined ? undefined : prospective(amends.request, { market, amends, rules }),
  );
  const after = initialMargin(market, chosen, extra);
  if (after <= before) return undefined;
  const needed =
    after +
    marginElsewhere(account, markets.values(), market) -
    feeOf(extra.value, Math.max(0, account.schedule.rateOf(market, 'taker', context.at)));
  const equity = equityOf(account, markets.values());
  if (needed <= equity) return undefined;
  return no(
    'insufficient_margin',
    `Margin, open loss and fee of ${market.instrument.money(units(needed)).toString()} must not exceed the equity of ${market.instrument.money(equity).toString()}.`,
  );
};

/** The request as margin sees it: what of it is still to be executed. */
export function prospective(
  request: OrderRequest,
  {
    market,
    amends,
    rules,
  }: Pick<RuleContext, 'market' | 'amends'> & { readonly rules: Pick<VenueRules, 'halfSpread'> },
): ProspectiveOrder {
  const { instrument } = market;
  const met = request.limit ?? metPrice(market, request.side, rules.halfSpread);
  const priced = !isConditional(request.type) && !Number.isNaN(met);
  const value = priced ? instrument.notional(met, request.lots) : orderValue(request, market);
  const left = lots(Math.max(0, request.lots - (amends?.filled ?? 0)));
  const done = amends === undefined ? 0 : instrument.notional(amends.marginPrice, amends.filled);
  const positionSide = request.options?.positionSide;
  return {
    side: request.side,
    lots: left,
    loss: priced && !follows(request) ? openLoss(market, request.side, met, left) : 0,
    value: units(closesPosition(request) ? 0 : Math.max(0, value - done)),
    ...(positionSide === undefined ? {} : { positionSide }),
  };
}

export const isLeverage = (value: number, instrument: Instrument): boolean =>
  value >= 1 && instrument.spec.maxLeverage.gte(value);

/** Leverage the position will have once the order is accepted; spot has none. */
export const leverageFor = (
  request: OrderRequest,
  { account, market }: Pick<RuleContext, 'account' | 'market'>,
): number => (market.instrument.spec.kind === 'spot' ? 1 : (request.leverage ?? account.leverageOf(market.symbol)));

function holdings(request: OrderRequest, market: Market): Refusal | undefined {
  let free: number = market.position.lots;
  for (const order of market.book.all())
    if (order.request.side === 'sell' && order.entry === undefined) free -= order.remaining;
  if (request.lots <= free) return undefined;
  return no(
    'insufficient_margin',
    `What is sold must be held and free: ${market.instrument.size(lots(Math.max(0, free))).toString()}, was ${request.size.toString()}.`,
  );
}
