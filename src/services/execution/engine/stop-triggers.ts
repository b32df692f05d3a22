import { parseDecimal } from '../../../domain/decimal.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Order, OrderType, Side, TimeInForce, TriggerPrice } from '../../../domain/order.js';
import { isTerminal } from '../../../domain/order-state.js';
import { optionsFromRecord, optionsToRecord, type PlainRecord } from '../../../domain/records.js';
import { lots, type Lots, type MarkUnits } from '../../../domain/units.js';
import type { EventStore, Payload } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import type { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import type { Spares } from '../../../ports/core-services/execution.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { numberOf, textOf } from '../orders/payload-fields.js';
import { Attempts, type AttemptsTime } from '../../../flow/attempts.js';

/** A stop this engine holds because the venue cannot. */
export interface StopTrigger {
  readonly id: string;
  /** Its lots are those that are left. */
  intent: OrderIntent;
  /** Lots that it was meant for. */
  readonly whole: Lots;
  /** Client id of the order it has sent, until that has ended. */
  childId: string | undefined;
  /** The price was reached: what is left is sent again wherever the price goes. */
  isReached: boolean;
  /** An order has been sent for it before: the next one has no collar. */
  isBare: boolean;
  /** Nobody wants it any more: it ends with the order that it has sent. */
  isDropped: boolean;
  readonly attempts: Attempts;
}

/**
 * Held stops by symbol. Durable: a restart arms what was armed, and what had fired without its order reaching the
 * venue.
 */
export class StopTriggers {
  private readonly bySymbol = new Map<string, Map<string, StopTrigger>>();
  private loaded = false;
  private total = 0;

  constructor(
    private readonly journal: EventStore,
    private readonly catalogue: ProductCatalogue,
    private readonly orderOf: (clientId: string) => Order | undefined,
    private readonly time: AttemptsTime,
  ) {}

  /** Triggers of one symbol, or undefined; allocates nothing. */
  of(symbol: string): ReadonlyMap<string, StopTrigger> | undefined {
    if (!this.loaded) this.load();
    const held = this.bySymbol.get(symbol);
    return held === undefined || held.size === 0 ? undefined : held;
  }

  has(id: string, symbol: string): boolean {
    return this.of(symbol)?.has(id) === true;
  }

  add(intent: OrderIntent): StopTrigger {
    if (!this.loaded) this.load();
    const trigger = this.hold(intent);
    this.journal.append('stop_trigger', { ...toPayload(intent), state: 'armed' });
    return trigger;
  }

  /** Its order is on the way. */
  fired(trigger: StopTrigger, childId: string): void {
    trigger.childId = childId;
    const dropped = trigger.isDropped ? { dropped: true } : {};
    this.journal.append('stop_trigger', {
      ...toPayload(trigger.intent),
      ...{ state: 'fired', child_id: childId, ...dropped },
    });
  }

  /** Its order has ended and this is left: the stop is still needed. */
  rearm(trigger: StopTrigger, left: Lots): void {
    trigger.intent = { ...trigger.intent, lots: left };
    trigger.childId = undefined;
    this.journal.append('stop_trigger', { ...toPayload(trigger.intent), state: 'armed', reached: trigger.isReached });
  }

  /** Nothing of it is left, or of its position. */
  done(trigger: StopTrigger): void {
    trigger.attempts.rest();
    this.bySymbol.get(trigger.intent.instrument.symbol)?.delete(trigger.id);
    this.journal.append('stop_trigger', { ...toPayload(trigger.intent), state: 'done' });
  }

  all(): StopTrigger[] {
    if (!this.loaded) this.load();
    return [...this.bySymbol.values()].flatMap((held) => [...held.values()]);
  }

  /** No timer is left. */
  rest(): void {
    for (const held of this.bySymbol.values()) for (const { attempts } of held.values()) attempts.rest();
  }

  /** Whatever was in their way is gone: the next mark fires those that are reached. */
  calm(): void {
    for (const { attempts } of this.all()) attempts.calm();
  }

  byChild(childId: string): StopTrigger | undefined {
    for (const held of this.bySymbol.values())
      for (const trigger of held.values()) if (trigger.childId === childId) return trigger;
    return undefined;
  }

  /** Drops every stop that has not fired, but those that are spared; returns their ids. */
  clear(spares?: Spares): string[] {
    if (!this.loaded) this.load();
    const dropped: string[] = [];
    for (const held of this.bySymbol.values()) {
      for (const trigger of held.values()) {
        if (isSpared(trigger.intent, spares)) continue;
        trigger.isDropped = true;
        if (trigger.childId !== undefined) {
          this.fired(trigger, trigger.childId);
          continue;
        }
        held.delete(trigger.id);
        dropped.push(trigger.id);
        this.journal.append('stop_trigger', { ...toPayload(trigger.intent), state: 'dropped' });
      }
    }
    return dropped;
  }

  /** Stops ever held by this process, and those now armed. */
  counts(): { readonly total: number; readonly armed: number } {
    let armed = 0;
    for (const held of this.bySymbol.values())
      for (const trigger of held.values()) if (trigger.childId === undefined) armed += 1;
    return { total: this.total, armed };
  }

  private hold(intent: OrderIntent): StopTrigger {
    const { symbol } = intent.instrument;
    const trigger: StopTrigger = {
      id: intent.signalId,
      intent,
      whole: intent.lots,
      childId: undefined,
      isReached: false,
      isBare: false,
      isDropped: false,
      attempts: new Attempts(this.time),
    };
    let held = this.bySymbol.get(symbol);
    if (held === undefined) {
      held = new Map<string, StopTrigger>();
      this.bySymbol.set(symbol, held);
    }
    held.set(trigger.id, trigger);
    this.total += 1;
    return trigger;
  }

  private load(): void {
    this.loaded = true;
    for (const { payload } of this.journal.fold(FOLDS.stopTriggers)) {
      const instrument = this.catalogue.find(textOf(payload, 'symbol'));
      if (instrument !== undefined && (payload['state'] === 'armed' || payload['state'] === 'fired'))
        this.takeUp(payload, instrument);
    }
  }

  /** A fired stop is needed until its order has filled; an order that nobody remembers has never left. */
  private takeUp(payload: Payload, instrument: Instrument): void {
    const intent = fromPayload(payload, instrument);
    const childId = payload['state'] === 'fired' ? textOf(payload, 'child_id') : undefined;
    const child = childId === undefined ? undefined : this.orderOf(childId);
    const hasEnded = child !== undefined && isTerminal(child.status);
    const left = lots(intent.lots - (hasEnded ? child.filled : 0));
    if (hasEnded && (left <= 0 || (!intent.reduceOnly && !neverLived(child)))) return;
    const isDropped = payload['dropped'] === true;
    if (isDropped && (child === undefined || hasEnded)) return;
    const trigger = this.hold({ ...intent, lots: left });
    trigger.isDropped = isDropped;
    if (child !== undefined && !hasEnded) trigger.childId = childId;
    const isHandedOver = child?.request.stop !== undefined;
    trigger.isReached = payload['reached'] === true || (childId !== undefined && !isHandedOver);
    trigger.isBare = trigger.isReached;
  }
}

const isSpared = ({ instrument, side, type, reduceOnly }: OrderIntent, spares: Spares | undefined): boolean =>
  spares?.({ symbol: instrument.symbol, side, type, reduceOnly }) === true;

/** The venue never had this order, or gave nothing for it. */
export const neverLived = ({ status, filled }: Order): boolean =>
  filled === 0 && (status === 'rejected' || status === 'lost');

/** Reached when the mark has passed the trigger on the side that a stop (or a take-profit) waits for; inclusive. */
export function isReached(intent: OrderIntent, mark: MarkUnits): boolean {
  if (intent.stop === undefined) return false;
  const trigger = intent.instrument.marksOfTicks(intent.stop);
  const rising = (intent.side === 'buy') !== intent.type.startsWith('take_profit');
  return rising ? mark >= trigger : mark <= trigger;
}

function toPayload(intent: OrderIntent): Payload {
  const { instrument, origin } = intent;
  return {
    trigger_id: intent.signalId,
    symbol: instrument.symbol,
    side: intent.side,
    order_type: intent.type,
    quantity: instrument.size(intent.lots).toString(),
    stop_price: intent.stop === undefined ? undefined : instrument.price(intent.stop).toString(),
    limit_price: intent.limit === undefined ? undefined : instrument.price(intent.limit).toString(),
    trigger_by: intent.triggerBy,
    tif: intent.timeInForce,
    post_only: intent.postOnly,
    reduce_only: intent.reduceOnly,
    leverage: intent.leverage,
    options: intent.options === undefined ? undefined : optionsToRecord(intent.options, instrument),
    urgent: intent.urgent,
    protects: intent.protects,
    bare: intent.bare,
    strategy: origin.strategy,
    decision: origin.reason,
    decided_at: origin.decidedAt,
  };
}

const isRecord = (value: unknown): value is PlainRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fromPayload(payload: Payload, instrument: Instrument): OrderIntent {
  const price = (key: string): ReturnType<Instrument['toTicks']> =>
    instrument.toTicks(parseDecimal(textOf(payload, key), key), 'nearest');
  return {
    instrument,
    side: payload['side'] as Side,
    type: payload['order_type'] as OrderType,
    lots: instrument.toLots(parseDecimal(textOf(payload, 'quantity'), 'quantity'), 'nearest'),
    ...(typeof payload['stop_price'] === 'string' ? { stop: price('stop_price') } : {}),
    ...(typeof payload['limit_price'] === 'string' ? { limit: price('limit_price') } : {}),
    ...(typeof payload['trigger_by'] === 'string' ? { triggerBy: payload['trigger_by'] as TriggerPrice } : {}),
    timeInForce: payload['tif'] as TimeInForce,
    postOnly: payload['post_only'] === true,
    reduceOnly: payload['reduce_only'] === true,
    ...(payload['leverage'] === undefined ? {} : { leverage: numberOf(payload, 'leverage') }),
    ...(isRecord(payload['options']) ? { options: optionsFromRecord(payload['options'], instrument) } : {}),
    ...(payload['urgent'] === true ? { urgent: true } : {}),
    ...(payload['protects'] === true ? { protects: true } : {}),
    ...(payload['bare'] === true ? { bare: true } : {}),
    signalId: textOf(payload, 'trigger_id'),
    origin: {
      strategy: textOf(payload, 'strategy'),
      reason: textOf(payload, 'decision'),
      decidedAt: numberOf(payload, 'decided_at'),
    },
  };
}
