import { Decimal } from '../../../src/domain/decimal.js';
import type { OrderType, TimeInForce } from '../../../src/domain/order.js';
import type { ServedRequest } from '../../../src/ports/transport/http-server.js';
import type { AccountKey, OrderForm, ScriptedAnswer } from './contract.js';

const PLACES = /^POST \/fapi\/v1\/(order|algoOrder|batchOrders)\?(.*)$/;
const NOT_THE_ORDERS = new Set(['timestamp', 'recvWindow', 'signature', 'newOrderRespType']);
const SHARED = ['symbol', 'side', 'positionSide', 'type', 'timeInForce', 'quantity', 'price', 'reduceOnly'];
const OFTEN = [...SHARED, 'selfTradePreventionMode', 'goodTillDate'];
/** Source: Binance, "New Order", "New Algo Order". */
const KNOWN = {
  order: new Set([...OFTEN, 'newClientOrderId']),
  algoOrder: new Set([
    ...[...OFTEN, 'algoType', 'clientAlgoId', 'triggerPrice', 'workingType', 'closePosition', 'priceProtect'],
    ...['activatePrice', 'callbackRate'],
  ]),
} as const;
const TYPES: Readonly<Record<keyof typeof KNOWN, Readonly<Record<string, OrderType>>>> = {
  order: { LIMIT: 'limit', MARKET: 'market' },
  algoOrder: {
    STOP: 'stop_limit',
    STOP_MARKET: 'stop_market',
    TAKE_PROFIT: 'take_profit_limit',
    TAKE_PROFIT_MARKET: 'take_profit_market',
    TRAILING_STOP_MARKET: 'trailing_stop',
  },
};
const BPS_PER_PERCENT = 100;

export const placesOrders = ({ method, target }: ServedRequest): boolean => PLACES.test(`${method} ${target}`);

/** What a request that places orders asks for, by the words of the venue's documents alone. */
export function askedOrders({ method, target }: ServedRequest): readonly OrderForm[] {
  const [, path, query] = PLACES.exec(`${method} ${target}`) ?? [];
  const fields = Object.fromEntries(new URLSearchParams(query));
  if (path !== 'batchOrders') return [asked(path as keyof typeof KNOWN, fields)];
  const rows = JSON.parse(fields['batchOrders'] ?? '[]') as readonly Readonly<Record<string, string>>[];
  return rows.map((row) => asked('order', row));
}

function asked(path: keyof typeof KNOWN, fields: Readonly<Record<string, string>>): OrderForm {
  for (const name of Object.keys(fields))
    if (!KNOWN[path].has(name) && !NOT_THE_ORDERS.has(name)) throw new Error(`${path} has no ${name}`);
  const type = TYPES[path][fields['type'] ?? ''];
  if (type === undefined) throw new Error(`${path} takes no ${fields['type']}`);
  const decimal = (name: string) => (fields[name] === undefined ? undefined : new Decimal(fields[name]));
  const word = (name: string) => fields[name]?.toLowerCase();
  const rate = decimal('callbackRate');
  const isPostOnly = fields['timeInForce'] === 'GTX';
  return present({
    clientId: fields['newClientOrderId'] ?? fields['clientAlgoId'] ?? '',
    symbol: fields['symbol'] ?? '',
    side: fields['side'] === 'BUY' ? 'buy' : 'sell',
    type,
    size: decimal('quantity'),
    limit: decimal('price'),
    stop: decimal('triggerPrice'),
    activation: decimal('activatePrice'),
    triggerBy: path === 'order' ? undefined : fields['workingType'] === 'MARK_PRICE' ? 'mark' : 'last',
    timeInForce: isPostOnly ? 'GTC' : (fields['timeInForce'] as TimeInForce | undefined),
    postOnly: isPostOnly,
    reduceOnly: fields['reduceOnly'] === 'true',
    closePosition: fields['closePosition'] === 'true' ? true : undefined,
    goodTill: fields['goodTillDate'] === undefined ? undefined : Number(fields['goodTillDate']),
    trailBps: rate?.times(BPS_PER_PERCENT).toNumber(),
    selfTrade: word('selfTradePreventionMode') as OrderForm['selfTrade'] | undefined,
    positionSide: word('positionSide') as OrderForm['positionSide'] | undefined,
  });
}

type Present<T> = { readonly [K in keyof T]: T[K] | undefined };

const present = (order: Present<OrderForm>): OrderForm =>
  Object.fromEntries(Object.entries(order).filter(([, value]) => value !== undefined)) as unknown as OrderForm;

const said = (code: number, msg: string): string => JSON.stringify({ code, msg });

/**
 * Source: Binance, "HTTP Return Codes" (503 has three meanings) and "Error Codes" (-1000 to -1008); what no code stands
 * for says nothing.
 */
export function usdmAnswers({ apiKey }: AccountKey): readonly ScriptedAnswer[] {
  const unknown = 'Unknown error, please check your request or try again later.';
  const overloaded = 'Request throttled by system-level protection.';
  const late = 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.';
  const answer = (status: number, body: string, means: ScriptedAnswer['means'], isDone = false, isNew = false) => ({
    ...{ name: `${status} ${body.slice(0, 40)}`, status, body, isDone, isNew, means },
  });
  return [
    answer(503, said(-1000, unknown), 'unknown', true),
    answer(503, said(-1000, unknown), 'unknown'),
    answer(503, said(-1001, 'Service Unavailable.'), 'throttled'),
    answer(503, said(-1008, overloaded), 'throttled'),
    answer(408, said(-1007, late), 'unknown', true),
    answer(400, said(-1006, 'An unexpected response was received from the message bus.'), 'unknown', true),
    answer(400, said(-9123, `A refusal of next year, of ${apiKey}.`), 'other', false, true),
    answer(403, '<html><body>Forbidden</body></html>', 'unknown', true, true),
    answer(502, '', 'unknown', true, true),
  ];
}
