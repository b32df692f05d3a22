import { parseExact } from '../../../connect/exact-json.js';
import { WireFields } from '../../../connect/wire-fields.js';
import { fault } from '../../../domain/errors.js';
import { Decimal } from '../../../domain/decimal.js';
import type { Instrument } from '../../../domain/instrument.js';
import { venueOrderId, type Fill } from '../../../domain/order.js';
import type { StatusReport } from '../../../domain/order-state.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { VenueOrder } from '../../../ports/venue/venue-order.js';
import { MARGIN_MODES, sideIn } from '../account/account-answers.js';
import { causeOf, fillFrom } from '../account/fill-answers.js';
import type { KnownOrders } from '../orders/known-orders.js';
import { ALGO, ALGO_STATUSES, SELF_TRADE, SIDES, STATUSES, TYPES } from '../orders/order-answers.js';
import { withoutSecrets } from '../rest/without-secrets.js';

/** What a message of the account's stream says, and what must be asked for because it does not say all. */
export interface UserNews {
  readonly events: readonly AccountEvent[];
  /** Money came or went, and the message does not say by which row of the ledger. */
  readonly moneyMovedAt?: number;
  /** The key that is listened by lives no more. */
  readonly isExpired?: boolean;
  /** Nobody knows what it is. */
  readonly unknown?: string;
}

export interface UserFramePorts {
  readonly known: KnownOrders;
  readonly instrument: (symbol: string) => Instrument | undefined;
}

/** Reasons of `ACCOUNT_UPDATE` that the ledger has no row of, or that a fill tells of. */
const NO_INCOME: ReadonlySet<string> = new Set(['ORDER', 'ADJUSTMENT', 'MARGIN_TRANSFER', 'MARGIN_TYPE_CHANGE']);
/** What is told elsewhere, or of what the bot does not use. */
const PASSED_OVER: ReadonlySet<string> = new Set(['TRADE_LITE', 'STRATEGY_UPDATE', 'GRID_UPDATE']);
/** An order without an end of its own cannot expire: the engine has refused what was acknowledged. */
const ENDLESS: ReadonlySet<string> = new Set(['GTC', 'GTX']);

/** Throws VENUE-005 for a message that cannot be read: what it said must be asked for. */
export function userNews(text: string, ports: UserFramePorts): UserNews {
  const said = parsed(text);
  const fields = new WireFields(said, 'A message of the account');
  // The answer to a request tells no event.
  if (!fields.has('e')) return 'id' in said ? { events: [] } : { events: [], unknown: 'a message without a type' };
  const event = fields.text('e');
  switch (event) {
    case 'ORDER_TRADE_UPDATE':
      return { events: orderEvents(inner(said, 'o', 'An order of the account'), ports) };
    case 'ALGO_UPDATE':
      return { events: algoEvents(inner(said, 'o', 'A conditional order of the account'), fields.whole('T'), ports) };
    case 'CONDITIONAL_ORDER_TRIGGER_REJECT':
      return { events: triggerRefused(inner(said, 'or', 'A conditional order'), fields.whole('T'), ports) };
    case 'ACCOUNT_UPDATE':
      return accountNews(said, fields.whole('T'));
    case 'ACCOUNT_CONFIG_UPDATE':
      return { events: configEvents(said, fields.whole('T')) };
    case 'MARGIN_CALL':
      return { events: marginCalls(fields) };
    case 'listenKeyExpired':
      return { events: [], isExpired: true };
    default:
      return PASSED_OVER.has(event) ? { events: [] } : { events: [], unknown: event };
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let said: unknown;
  try {
    said = parseExact(text);
  } catch {
    throw fault('VENUE-005', `A message of the account must be JSON, was ${withoutSecrets(text).slice(0, 80)}.`);
  }
  const data = typeof said === 'object' && said !== null && 'data' in said ? said.data : said;
  new WireFields(data, 'A message of the account');
  return data as Readonly<Record<string, unknown>>;
}

const inner = (said: Readonly<Record<string, unknown>>, name: string, what: string): WireFields =>
  new WireFields(said[name], what);

function orderEvents(order: WireFields, { known, instrument: find }: UserFramePorts): AccountEvent[] {
  const symbol = order.text('s');
  const clientId = order.text('c');
  const orderId = order.id('i');
  const instrument = find(symbol);
  if (instrument === undefined) throw fault('VENUE-005', `Order ${clientId} is of ${symbol}, which is not listed.`);
  known.named(symbol, orderId, clientId);
  const execution = order.text('x');
  // Somebody has changed it; what it is now need be asked for before it is changed again.
  if (execution === 'AMENDMENT') known.forgetStanding(clientId);
  const events: AccountEvent[] = [];
  const last = order.decimal('l');
  if ((execution === 'TRADE' || execution === 'CALCULATED') && last.gt(0))
    events.push({ kind: 'fill', fill: fillIn(order, { symbol, clientId, orderId, last }, instrument) });
  const report = reportIn(order, clientId, orderId);
  const filled = instrument.toLots(order.decimal('z'), 'nearest');
  events.push({ kind: 'order', clientId, symbol, report, filled });
  if (known.find(clientId) === undefined && causeOf(clientId) === undefined)
    events.push({ kind: 'foreign_order', order: foreign(order, clientId, report) });
  return events;
}

function fillIn(
  order: WireFields,
  { symbol, clientId, orderId, last }: { symbol: string; clientId: string; orderId: string; last: Decimal },
  instrument: Instrument,
): Fill {
  return fillFrom(
    {
      ...{ id: order.id('t'), orderId, symbol, clientId },
      at: order.whole('T'),
      side: order.meaning('S', SIDES),
      isMaker: order.flag('m'),
    },
    {
      ...{ price: order.above('L'), size: last },
      // An order that the venue has made may say nothing of a fee.
      fee: order.allowDecimal('n'),
      asset: order.has('N') ? order.text('N') : instrument.spec.settle,
    },
    sideIn(order, 'ps'),
    instrument,
  );
}

function reportIn(order: WireFields, clientId: string, orderId: string): StatusReport {
  const word = order.text('X');
  const status = order.meaning('X', STATUSES);
  const base = { at: order.whole('T'), venueId: venueOrderId(orderId) };
  if (word === 'EXPIRED_IN_MATCH') return { ...base, status, reason: SELF_TRADE };
  const isRefused = word === 'EXPIRED' && order.decimal('z').isZero() && ENDLESS.has(order.text('f'));
  if (!isRefused || order.text('o') === 'MARKET') return { ...base, status };
  const reason = order.text('f') === 'GTX' ? 'post_only_would_take' : `other: ${clientId} was ended by the engine`;
  return { ...base, status: 'rejected_late', reason };
}

function foreign(order: WireFields, clientId: string, report: StatusReport): VenueOrder {
  const [price, stopPrice] = [order.allowDecimal('p'), order.allowDecimal('sp')];
  return {
    venueId: report.venueId as VenueOrder['venueId'],
    clientId,
    symbol: order.text('s'),
    side: order.meaning('S', SIDES),
    type: order.meaning(order.has('ot') ? 'ot' : 'o', TYPES),
    size: order.decimal('q'),
    filled: order.decimal('z'),
    ...(price?.gt(0) === true ? { price } : {}),
    ...(stopPrice?.gt(0) === true ? { stopPrice } : {}),
    reduceOnly: order.flag('R'),
    report,
  };
}

/** A conditional order; what it has become, and what that fills, the child's own messages tell. */
function algoEvents(order: WireFields, at: number, { known }: UserFramePorts): AccountEvent[] {
  const clientId = order.text('caid');
  const symbol = order.text('s');
  const word = order.text('X');
  const venueId = venueOrderId(order.id('aid'), ALGO);
  known.note(clientId, { isConditional: true });
  const childId = order.has('ai') ? order.id('ai') : undefined;
  if (childId !== undefined) known.named(symbol, childId, clientId);
  const status = order.meaning('X', ALGO_STATUSES);
  const reason = order.has('rm') ? order.text('rm') : undefined;
  const tell = (report: StatusReport): AccountEvent => ({ kind: 'order', clientId, symbol, report });
  if (word === 'TRIGGERED' || word === 'TRIGGERING')
    return [tell({ status, at, venueId: childId === undefined ? venueId : venueOrderId(childId) })];
  // It is over with its child; without one, nothing has come of it.
  if (word === 'FINISHED')
    return childId === undefined
      ? [tell({ status: 'expired', at, venueId, reason: reason ?? 'it became no order' })]
      : [];
  return [tell({ status, at, venueId, ...(reason === undefined ? {} : { reason }) })];
}

/** Told no more since 2025-12; whoever tells it means an end. */
function triggerRefused(order: WireFields, at: number, { known }: UserFramePorts): AccountEvent[] {
  const symbol = order.text('s');
  const orderId = order.id('i');
  const clientId = known.clientIdOf(symbol, orderId);
  if (clientId === undefined)
    throw fault('VENUE-005', `Order ${orderId} of ${symbol}, which was refused, is not known.`);
  return [
    {
      kind: 'order',
      clientId,
      symbol,
      report: { status: 'rejected_late', at, venueId: venueOrderId(orderId), reason: order.text('r') },
    },
  ];
}

function accountNews(said: Readonly<Record<string, unknown>>, at: number): UserNews {
  const account = inner(said, 'a', 'The account');
  const reason = account.text('m');
  const events = account.list('P').map((row): AccountEvent => {
    const fields = new WireFields(row, 'A position of the account');
    const side = sideIn(fields, 'ps');
    return {
      kind: 'position',
      at,
      position: {
        symbol: fields.text('s'),
        size: fields.decimal('pa'),
        entryPrice: fields.decimal('ep'),
        ...(fields.has('mt') ? { marginMode: fields.meaning('mt', MARGIN_MODES) } : {}),
        ...(side === undefined ? {} : { positionSide: side }),
      },
    };
  });
  return NO_INCOME.has(reason) ? { events } : { events, moneyMovedAt: at };
}

function configEvents(said: Readonly<Record<string, unknown>>, at: number): AccountEvent[] {
  if (said['ac'] === undefined) return [];
  const fields = inner(said, 'ac', 'Terms of a symbol');
  const leverage = new Decimal(fields.count('l'));
  return [{ kind: 'terms', terms: { symbols: [{ symbol: fields.text('s'), leverage }] }, at }];
}

function marginCalls(message: WireFields): AccountEvent[] {
  const at = message.whole('E');
  return message.list('p').map((row): AccountEvent => {
    const fields = new WireFields(row, 'A position that is called');
    const symbol = fields.text('s');
    const maintenance = fields.allowDecimal('mm');
    return {
      kind: 'margin',
      level: 'call',
      symbol,
      ...(maintenance === undefined ? {} : { maintenance }),
      message: `The venue calls margin for ${symbol}`,
      at,
    };
  });
}
