import { closesPosition, type OrderType } from '../../../../domain/order.js';
import { isConditional } from '../../core/trigger-rules.js';
import { no, type RuleCheck, type Refusal } from './rule.js';

const TYPES: ReadonlySet<string> = new Set<OrderType>([
  'market',
  'limit',
  'stop_market',
  'stop_limit',
  'take_profit_market',
  'take_profit_limit',
  'trailing_stop',
]);
const WITH_LIMIT: ReadonlySet<string> = new Set<OrderType>(['limit', 'stop_limit', 'take_profit_limit']);
const CLOSING: ReadonlySet<string> = new Set<OrderType>(['stop_market', 'take_profit_market']);
const TIMES_IN_FORCE: ReadonlySet<string> = new Set(['GTC', 'IOC', 'FOK', 'GTD']);
/** A callback rate of 0.1 to 10 %. Source: Binance USD-M, "callbackRate: min 0.1, max 10". */
const TRAIL_BPS = { least: 10, most: 1_000 };

const bad = (message: string): Refusal => no('unsupported', message);

/** The venue takes orders in it. */
export const tradable: RuleCheck = (_request, { market }) =>
  market.tradable ? undefined : no('market_closed', `${market.symbol} is not open for orders.`);

/** Type and time in force, and that the fields they need are there and no others. */
export const shape: RuleCheck = (request, context) => {
  const { type, timeInForce, limit, stop, postOnly, triggerBy } = request;
  if (!TYPES.has(type)) return bad(`Order type ${type} is not offered.`);
  if (!TIMES_IN_FORCE.has(timeInForce)) return bad(`Time in force ${timeInForce} is not offered.`);
  if ((limit !== undefined) !== WITH_LIMIT.has(type))
    return bad(`A ${type} order must ${limit === undefined ? '' : 'not '}have a limit price.`);
  const hasStop = isConditional(type) && type !== 'trailing_stop';
  if ((stop !== undefined) !== hasStop)
    return bad(`A ${type} order must ${stop === undefined ? '' : 'not '}have a trigger price.`);
  if (postOnly && (type !== 'limit' || (timeInForce !== 'GTC' && timeInForce !== 'GTD')))
    return bad('Post-only needs a resting limit order.');
  if (triggerBy === 'index' && Number.isNaN(context.market.index))
    return bad(`There is no index of ${context.market.symbol} to trigger by.`);
  return (
    time(request, context) ??
    trail(request, context) ??
    close(request, context) ??
    links(request, context) ??
    side(request, context)
  );
};

const time: RuleCheck = ({ timeInForce, limit, options }, { at }) => {
  const goodTill = options?.goodTill;
  if ((goodTill !== undefined) !== (timeInForce === 'GTD'))
    return bad('A good-till instant must be given exactly with GTD.');
  if (goodTill === undefined) return undefined;
  if (limit === undefined) return bad('GTD needs an order with a limit price.');
  return goodTill > at ? undefined : bad(`A good-till instant must lie after ${at}, was ${goodTill}.`);
};

const trail: RuleCheck = ({ type, options }) => {
  const { trailBps, activation } = options ?? {};
  if (type !== 'trailing_stop')
    return trailBps === undefined && activation === undefined
      ? undefined
      : bad('Only a trailing stop has a trailing distance or an activation price.');
  if (
    trailBps !== undefined &&
    Number.isSafeInteger(trailBps) &&
    trailBps >= TRAIL_BPS.least &&
    trailBps <= TRAIL_BPS.most
  )
    return undefined;
  return bad(
    `A trailing distance must be from ${TRAIL_BPS.least} to ${TRAIL_BPS.most} whole basis points, was ${String(trailBps)}.`,
  );
};

const close: RuleCheck = (request) => {
  if (!closesPosition(request)) return undefined;
  if (!CLOSING.has(request.type)) return bad('Only a stop or take-profit market order can close the position.');
  return request.lots === 0 && !request.reduceOnly
    ? undefined
    : bad('An order that closes the position must have no size of its own and must not be reduce-only.');
};

/** Groups and brackets name orders that can still matter. */
const links: RuleCheck = ({ options, timeInForce, symbol }, { desk, amends }) => {
  if (amends !== undefined) return undefined;
  const { group, after } = options ?? {};
  if (group !== undefined && desk.links.hasExecuted(group))
    return no('other', `An order of group ${group} has executed already.`);
  if (after === undefined) return undefined;
  const entry = desk.byClientId.get(after);
  if (entry === undefined || entry.request.symbol !== symbol)
    return no('other', `The order to follow must be one of ${symbol}, was ${after}.`);
  if (!entry.isOpen && entry.filled === 0)
    return no('other', `The order to follow must be open or have filled, ${after} ended without a fill.`);
  return timeInForce === 'FOK' ? bad('An order that follows another must not be fill-or-kill.') : undefined;
};

/** Source: Binance USD-M, errors -4061 (position side) and -1106 (reduceOnly in hedge mode). */
const side: RuleCheck = ({ options, reduceOnly }, { market, account }) => {
  const hedged = account.positionMode === 'hedge' && market.instrument.spec.kind !== 'spot';
  if (hedged !== (options?.positionSide !== undefined))
    return bad(
      hedged
        ? 'An order of a hedged account must name its position side.'
        : 'A position side is for hedged accounts only.',
    );
  return hedged && reduceOnly ? bad('A hedged account has no reduce-only orders: name the position side.') : undefined;
};

/** A market without a price takes no orders: nothing could be valued. */
export const liquidity: RuleCheck = (_request, { market }) =>
  market.hasPrice ? undefined : no('no_liquidity', `No price of ${market.symbol} has been seen yet.`);
