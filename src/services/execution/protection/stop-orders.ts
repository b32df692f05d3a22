import type { Instrument } from '../../../domain/instrument.js';
import type { OrderOptions, OrderType, Side } from '../../../domain/order.js';
import { lots, ticks, type Lots, type Ticks } from '../../../domain/units.js';
import type { Capabilities } from '../../../ports/venue/capabilities.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import { REASON } from './cover.js';

export interface StopTerms {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly size: number;
  readonly stop: Ticks;
  readonly strategy: string;
  readonly now: number;
  /** Makes the signal one of its own. */
  readonly count: number;
  /** How far beyond its trigger a stop may be executed where it must have a limit: a fraction. */
  readonly slack: number;
  /** The terms that moved it there. */
  readonly by?: string | undefined;
  readonly options?: OrderOptions;
  /** Of an exit: without a collar. */
  readonly bare?: boolean;
  /** Of an exit: nobody sees the price, instead of its having reached the stop. */
  readonly blind?: boolean;
}

export type StopType = Extract<OrderType, 'stop_market' | 'stop_limit'>;

/** The kind of stop that the venue takes; undefined where it takes none. */
export const stopTypeOf = ({ orderTypes }: Capabilities): StopType | undefined =>
  orderTypes.includes('stop_market') ? 'stop_market' : orderTypes.includes('stop_limit') ? 'stop_limit' : undefined;

/** A limit that gives way to the market, where one must be named. */
export const beyond = (stop: Ticks, side: Side, slack: number): Ticks =>
  ticks(side === 'sell' ? Math.max(1, Math.ceil(stop * (1 - slack))) : Math.floor(stop * (1 + slack)));

export function stopOrder(type: StopType, terms: StopTerms): OrderIntent {
  const { instrument, side, stop, now, count, slack, by, options } = terms;
  return {
    ...common(terms),
    type,
    stop,
    ...(type === 'stop_limit' ? { limit: beyond(stop, side, slack) } : {}),
    signalId: `${instrument.symbol}|stop|${stop}|${now}|${count}`,
    origin: {
      strategy: terms.strategy,
      reason: `${REASON} at ${instrument.priceText(stop)}${by === undefined ? '' : `: ${by}`}`,
      decidedAt: now,
    },
    ...(options === undefined ? {} : { options }),
  };
}

/** Leaves at market what the stop should have left. */
export function exitOrder(terms: StopTerms): OrderIntent {
  const { instrument, stop, now, count } = terms;
  return {
    ...common(terms),
    type: 'market',
    signalId: `${instrument.symbol}|stop reached|${now}|${count}`,
    origin: {
      strategy: terms.strategy,
      reason: `${REASON} ${instrument.priceText(stop)} ${terms.blind === true ? 'uncovered: its marks are stale' : 'reached'}`,
      decidedAt: now,
    },
    protects: true,
    ...(terms.bare === true ? { bare: true } : {}),
  };
}

/** What is too large for one order is sent in several. */
const common = ({ instrument, side, size }: StopTerms) =>
  ({
    instrument,
    side,
    lots: lots(Math.min(size, instrument.maxLots)) satisfies Lots,
    timeInForce: 'GTC',
    postOnly: false,
    reduceOnly: true,
    urgent: true,
  }) as const;
