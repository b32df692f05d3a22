import { Decimal } from '../../../../domain/decimal.js';
import { hold, type Decision, type SizeCut } from '../../../../domain/decision.js';
import { fault } from '../../../../domain/errors.js';
import { applyRate, rateOf, type Instrument } from '../../../../domain/instrument.js';
import { signOf } from '../../../../domain/order.js';
import { lotsAtRisk } from '../../../../domain/order-value.js';
import { lots, type Lots, type MarkUnits, type Ticks } from '../../../../domain/units.js';
import type { StrategySettings } from '../../../../ports/configuration/settings/strategy-settings.js';
import type { EntryLimits, StrategyContext } from '../../../../ports/core-services/strategy.js';
import type { Why } from '../../../../ports/strategy/intent.js';
import { NO_EXITS } from '../../exits/exit-record.js';
import { assertExits, isR, type MovingExits } from '../../exits/exit-terms.js';
import { perPriceOf } from '../../exits/moving-stop.js';
import { ladderOf, rungBehind, type TakeProfit, type PositionExits } from '../../exits/take-profit.js';
import type { OwnCheck } from '../../host/intent-checks.js';
import { AT_MARKET, groundOf, type EntryGround } from './entry-ground.js';
import { capped } from './entry-cap.js';
import type { Entry } from './entry-kinds.js';
import type { Price } from '../price.js';
import { shareOf, type Share } from '../share.js';

/** A size in base currency, or contracts: rounded down to the step. */
export type Quantity = number | Decimal;

/** Exactly one of the four. */
export type Sizing =
  /** The most whose loss from the entry to the stop is that share of equity, fees included. */
  | Only<{ readonly risk: Share; readonly stop: Price }>
  /** Worth that share of equity. */
  | Only<{ readonly fraction: Share }>
  /** Worth that much. */
  | Only<{ readonly notional: Quantity }>
  /** As it is: risk may refuse it, and nothing makes it smaller. */
  | Only<{ readonly quantity: Quantity }>;
type Sizes = 'risk' | 'fraction' | 'notional' | 'quantity';
/** A sentence in place of `never`: it is what the compiler says of the second size. */
type Only<S> = S & { readonly [K in Exclude<Sizes, keyof S>]?: 'an entry has one size: leave this or the other away' };
/** The sizes of an order as they are read: two have been refused. */
type SizesOf = { readonly [K in 'risk' | 'fraction']?: Share } & { readonly [K in 'notional' | 'quantity']?: Quantity };

/** How a position is left. Kept by the bot: it goes on while the strategy is not asked. */
export interface Exits extends MovingExits {
  /** `none` must be said, and not with `risk`. */
  readonly stop: Price | 'none';
  readonly takeProfit?: TakeProfit | readonly TakeProfit[];
}

/** An entry: how large, how in, how out, and why. `why` stands in journal, report and `explain`. */
export type EntryOrder = Why &
  Sizing &
  Exits & {
    readonly entry?: Entry;
    /** The strategy's own name for it. Default `entry.long` or `entry.short`. */
    readonly tag?: string;
  };

/** What an entry came to: the decision, and how its position is left. */
export interface PlannedEntry {
  readonly decision: Decision;
  /** Set where the entry is turned away. */
  readonly check?: OwnCheck;
  /** Undefined without a stop, and where the entry is turned away. */
  readonly stop: Ticks | undefined;
  readonly exits: PositionExits;
  /** The order in ticks. */
  readonly ground: EntryGround;
}

/** What an entry is planned on. */
export type EntryContext = Pick<StrategyContext, 'instrument' | 'mark' | 'equity'>;

/** Plans an entry, or turns it away with the reason: an exit on the wrong side, or a stop that cannot be read. */
export function planEntry(
  side: 'buy' | 'sell',
  order: EntryOrder,
  context: EntryContext,
  settings: StrategySettings,
  limits?: EntryLimits,
): PlannedEntry {
  const { instrument } = context;
  const ground = groundOf(side, order.entry, context);
  if (typeof ground === 'string') return turnedAway('entry', ground);
  const { reference, name } = tradedAt(side, ground, context.mark);
  const stop = order.stop === 'none' ? undefined : stopOf(side, order.stop, instrument);
  if (order.stop !== 'none' && stop === undefined)
    return turnedAway('stop', `Stop must be a positive price, was ${String(order.stop)}`);
  if (
    stop !== undefined &&
    !(side === 'buy' ? instrument.marksOfTicks(stop) < reference : instrument.marksOfTicks(stop) > reference)
  ) {
    const text = `Stop of a ${side === 'buy' ? 'long' : 'short'} must be ${side === 'buy' ? 'below' : 'above'} the ${name} ${instrument.markPrice(reference).toString()}, was ${instrument.price(stop).toString()}`;
    return turnedAway('stop', text);
  }
  if (stop === undefined && (order.trail !== undefined || order.breakEven !== undefined))
    return turnedAway('stop', "A stop that moves must be a price at first, was 'none'");
  const exits = exitsOf(order, stop, ground, instrument);
  const risk = { entry: reference / instrument.marksPerTick, risk: Number.NaN, perPrice: perPriceOf(instrument) };
  const behind = exits.takeProfit === undefined ? undefined : rungBehind(exits.takeProfit, signOf(side), risk);
  if (behind !== undefined) {
    const text = `Take-profit of a ${side === 'buy' ? 'long' : 'short'} must be ${side === 'buy' ? 'above' : 'below'} the ${name} ${instrument.markPrice(reference).toString()}, was ${instrument.priceText(behind)}`;
    return turnedAway('take_profit', text);
  }
  const leverage = instrument.isPerpetual ? Math.max(1, Math.floor(settings.targetLeverage)) : undefined;
  const sized = sizeOf(order, stop, ground, context);
  if ('turnedAway' in sized) return turnedAway('size', sized.turnedAway);
  const { cap, by } = capped(side, context, ground, { settings, leverage: leverage ?? 1, limits });
  const most = order.quantity === undefined ? cap : Infinity;
  const quantity = lots(Math.min(sized.size, most));
  if (!(quantity > 0)) {
    const { step, base } = instrument.spec;
    return turnedAway(
      'size',
      `Not one step of ${step.toString()} ${base} fits: ${most < sized.size ? `${by} allows` : 'the entry asks for'} less`,
    );
  }
  const basis =
    sized.fraction === undefined
      ? undefined
      : {
          equity: context.equity,
          fraction: sized.fraction,
          leverage: 1,
          ...(order.risk === undefined || stop === undefined ? {} : { stop }),
        };
  return {
    decision: {
      action: side,
      reason: order.why,
      quantity,
      ...(basis === undefined ? {} : { basis }),
      ...(leverage === undefined ? {} : { leverage }),
      ...(most < sized.size ? { cut: cutOf(instrument, by, sized.size, cap) } : {}),
    },
    stop,
    exits,
    ground,
  };
}

/** A limit that the market is beyond already trades at the market: its exits stand around that. */
const tradedAt = (
  side: 'buy' | 'sell',
  ground: EntryGround,
  mark: MarkUnits,
): Pick<EntryGround, 'reference' | 'name'> =>
  ground.name === 'limit' && (ground.reference - mark) * signOf(side) > 0 ? { reference: mark, name: 'mark' } : ground;

/** Lots that were asked for, or why there are none; with the share of equity they are of. */
function sizeOf(
  order: EntryOrder,
  stop: Ticks | undefined,
  { reference }: EntryGround,
  { instrument, equity }: EntryContext,
): { readonly size: Lots; readonly fraction?: Decimal } | { readonly turnedAway: string } {
  const { risk, fraction, notional, quantity } = order as unknown as SizesOf;
  if (risk === undefined && fraction === undefined) {
    const said = new Decimal(Number.isNaN(notional ?? quantity) ? Number.NaN : (notional ?? quantity ?? Number.NaN));
    if (!said.isFinite() || !said.gt(0))
      return { turnedAway: `A size must be above zero, was ${String(notional ?? quantity)}` };
    const size =
      notional === undefined
        ? instrument.toLots(said, 'floor')
        : instrument.lotsFor(instrument.toUnits(said, 'floor'), reference);
    return { size };
  }
  const share = shareOf(risk ?? fraction);
  if (share === undefined)
    return { turnedAway: `A share of equity must be a Decimal or text such as 0.5%, was ${String(risk ?? fraction)}` };
  const allowed = applyRate(equity, rateOf(share), 'floor');
  if (risk === undefined) return { size: instrument.lotsFor(allowed, reference), fraction: share };
  if (stop === undefined) return { turnedAway: "A size by risk must have a stop, was 'none'" };
  return { size: lotsAtRisk(instrument, allowed, reference, stop), fraction: share };
}

/** Plain JavaScript may hand over a line, or nothing. */
function priceOf(price: unknown): Decimal {
  if (price === undefined || price === null)
    throw fault('STRAT-001', `An entry must name its stop, or stop: 'none' with a fraction, was ${String(price)}.`);
  return new Decimal(Decimal.isDecimal(price) || typeof price === 'number' ? price : Number(price));
}

/** Rounded towards the market: a stop never stands further away than was asked for. */
function stopOf(side: 'buy' | 'sell', price: Price, instrument: Instrument): Ticks | undefined {
  const exact = priceOf(price);
  if (!exact.isFinite() || !exact.gt(0)) return undefined;
  const stop = instrument.toTicks(exact, side === 'buy' ? 'ceil' : 'floor');
  return stop > 0 ? stop : undefined;
}

const cutOf = (instrument: Instrument, limit: string, wanted: Lots, left: Lots): SizeCut => ({
  limit,
  detail: `wanted ${instrument.sizeText(wanted)} ${instrument.spec.base}, left ${instrument.sizeText(left)}`,
});

/** Everything that is said of how it is left, read once: what cannot be carried out fails where it is asked. */
function exitsOf(
  { trail, breakEven, timeStop, takeProfit }: EntryOrder,
  stop: Ticks | undefined,
  { reference }: EntryGround,
  instrument: Instrument,
): PositionExits {
  if (trail === undefined && breakEven === undefined && timeStop === undefined && takeProfit === undefined)
    return NO_EXITS;
  const exits = {
    ...(trail === undefined ? {} : { trail }),
    ...(breakEven === undefined ? {} : { breakEven }),
    ...(timeStop === undefined ? {} : { timeStop }),
    ...(takeProfit === undefined ? {} : { takeProfit: ladderOf(takeProfit) }),
  };
  if (stop === undefined && exits.takeProfit?.some(({ at }) => isR(at)) === true)
    throw fault('STRAT-001', "A take-profit at a multiple of the risk must have a stop, was 'none'.");
  const entry = reference / instrument.marksPerTick;
  assertExits(exits, { entry, risk: Math.abs(entry - (stop ?? 0)), perPrice: perPriceOf(instrument) });
  return exits;
}

const turnedAway = (check: OwnCheck, reason: string): PlannedEntry => ({
  decision: hold(reason, { guardRejected: true, rejectionType: check }),
  check,
  stop: undefined,
  exits: NO_EXITS,
  ground: AT_MARKET,
});
