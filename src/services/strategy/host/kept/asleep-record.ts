import { writtenDecimal } from '../../../../domain/decimal.js';
import type { Instrument } from '../../../../domain/instrument.js';
import type { OrderType, PositionSide, TimeInForce, TriggerPrice, Values } from '../../../../domain/order.js';
import type { AsleepRecord } from '../../../../domain/orders/origin.js';
import type { Ticks } from '../../../../domain/units.js';
import type { Intent } from '../../../../ports/strategy/intent.js';

/** An exit that has not been sent, as the records of its entry have it. */
export function asleepToRecord(exit: Intent & { readonly nth: number }): AsleepRecord {
  const { instrument, lots, limit, stop, activation, tag, nth, role, side, type, why, values, ...more } = exit;
  const { triggerBy, timeInForce, goodTill, postOnly, closePosition, positionSide, trailBps } = more;
  return {
    ...{ tag, nth, role, side, type, why, quantity: instrument.sizeText(lots) },
    ...present({ limit: priceOf(instrument, limit), stop: priceOf(instrument, stop) }),
    ...present({ activation: priceOf(instrument, activation), trail_bps: trailBps, trigger_by: triggerBy }),
    ...present({ tif: timeInForce, good_till: goodTill, post_only: postOnly, position_side: positionSide }),
    ...present({ close_position: closePosition, values }),
  };
}

/** The same, read again. */
export function asleepFromRecord(record: AsleepRecord, instrument: Instrument): Intent & { readonly nth: number } {
  const { tag, nth, role, side, type, quantity, why } = record;
  const ticks = (key: string): Ticks | undefined => {
    const written = record[key];
    return typeof written === 'string' ? instrument.toTicks(writtenDecimal(written, key), 'nearest') : undefined;
  };
  return {
    ...{ instrument, tag, nth, role, side, reduceOnly: true },
    type: type as OrderType,
    lots: instrument.toLots(writtenDecimal(quantity, 'quantity'), 'floor'),
    why,
    ...present({ limit: ticks('limit'), stop: ticks('stop'), activation: ticks('activation') }),
    ...present({
      triggerBy: record['trigger_by'] as TriggerPrice | undefined,
      timeInForce: record['tif'] as TimeInForce | undefined,
      goodTill: record['good_till'] as number | undefined,
      postOnly: record['post_only'] as boolean | undefined,
      closePosition: record['close_position'] as true | undefined,
      positionSide: record['position_side'] as PositionSide | undefined,
      trailBps: record['trail_bps'] as number | undefined,
      values: record['values'] as Values | undefined,
    }),
  };
}

const priceOf = (instrument: Instrument, ticks: Ticks | undefined): string | undefined =>
  ticks === undefined ? undefined : instrument.priceText(ticks);

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
