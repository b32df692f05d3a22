import type { Instrument } from '../../../../domain/instrument.js';
import { closesPosition, type Order, type OrderChange } from '../../../../domain/order.js';
import type { Lots, MarkUnits, Ticks } from '../../../../domain/units.js';
import type { Payload } from '../../../../ports/storage/event-store.js';
import { exitsToJson } from '../../exits/exit-record.js';
import type { DeskPorts } from '../desk-ports.js';
import type { LiveTicket, TicketTerms } from '../live-ticket.js';

/** What is asked for; of its order it is not known yet whether it leaves. */
export type Wish = Omit<TicketTerms, 'id' | 'createdAt'>;

/** What the strategy saw of its market, and what it held. */
export function shownFacts(
  symbol: string,
  shown: MarkUnits | undefined,
  ports: Pick<DeskPorts, 'portfolio' | 'catalogue'>,
): Payload {
  const instrument = ports.catalogue.find(symbol);
  if (instrument === undefined) return {};
  const mark = shown ?? ports.portfolio.lastMark(symbol);
  return {
    ...(mark === undefined ? {} : { mark: instrument.markPrice(mark).toString() }),
    position: instrument.size(ports.portfolio.position(instrument).lots).toString(),
  };
}

/** What was asked for; an order that closes the position, and one whose size was never known, have none. */
export function termsOf(wish: Wish): Payload {
  const { instrument, tag, nth, role, side, type, lots, reduceOnly, closePosition, within } = wish;
  return {
    ...{ tag, role, side, order_type: type },
    // Below zero: it never had a name.
    ...(nth !== undefined && nth > 0 ? { nth } : {}),
    ...(closePosition === true || lots === 0 ? {} : { quantity: instrument.sizeText(lots) }),
    ...pricesOf(instrument, wish),
    ...(reduceOnly === true ? { reduce_only: true } : {}),
    ...(closePosition === true ? { close_position: true } : {}),
    ...(within?.after === undefined ? {} : { sleeps: true }),
    ...(within?.group === undefined ? {} : { group: within.group }),
  };
}

/** Why, with the numbers that go with it, and how the position of an entry is to be left. */
export function reasonsOf({ why, values, plan, instrument }: Wish): Payload {
  const exits = plan === undefined ? undefined : exitsToJson(plan.exits, undefined);
  return {
    why,
    ...(values === undefined ? {} : { values: { ...values } }),
    ...(plan === undefined
      ? {}
      : { plan: { stop: plan.stop === undefined ? null : instrument.priceText(plan.stop), ...fieldsOf(exits) } }),
  };
}

/** What is sent. */
export function factsOf({ request, origin }: Order): Payload {
  const { instrument, side, type, lots, reduceOnly } = request;
  const { asked } = origin ?? {};
  return {
    ...(asked === undefined ? {} : { tag: asked.tag, nth: asked.nth, role: asked.role }),
    ...{ side, order_type: type },
    ...(closesPosition(request) ? { close_position: true } : { quantity: instrument.sizeText(lots) }),
    ...pricesOf(instrument, request),
    ...(reduceOnly ? { reduce_only: true } : {}),
  };
}

/** Of an order that is to become something else. */
export function changeFacts({ tag, role, terms, order }: LiveTicket, change: OrderChange): Payload {
  const { instrument } = terms;
  return {
    ...{ tag, role },
    ...(order === undefined ? {} : { client_id: order.request.clientId }),
    ...pricesOf(instrument, change),
    ...(change.lots === undefined ? {} : { quantity: instrument.sizeText(change.lots) }),
  };
}

interface Prices {
  readonly limit?: Ticks | undefined;
  readonly stop?: Ticks | undefined;
  readonly lots?: Lots | undefined;
}

const pricesOf = (instrument: Instrument, { limit, stop }: Prices): Payload => ({
  ...(limit === undefined ? {} : { limit_price: instrument.priceText(limit) }),
  ...(stop === undefined ? {} : { stop_price: instrument.priceText(stop) }),
});

const fieldsOf = (exits: ReturnType<typeof exitsToJson>): Payload => (exits ?? {}) as Payload;
