// The strategies of the specification, word for word, and what the compiler must refuse of one. Nothing here runs:
// `npm run typecheck` fails where a line that must not compile does.
import type { Decimal, EventStrategy, MarketOrders, OrderTicket, StrategyDefinition } from 'perpsbot';
import { defineStrategy, duration, int, limit, number, percent, r, stopEntry } from 'perpsbot';

/** EMA cross, stop two ATR away, a take-profit ladder of three steps, break-even after the first. */
export const emaLadder = defineStrategy({
  name: 'ema-ladder',
  timeframe: '15m',
  params: {
    fast: int(12, { min: 2, max: 100 }),
    slow: int(48, { min: 3, max: 400 }),
    atr: int(14, { min: 2, max: 50 }),
    risk: percent('0.5%'),
  },
  setup: ({ params, ind }) => ({ fast: ind.ema(params.fast), slow: ind.ema(params.slow), atr: ind.atr(params.atr) }),
  onBar({ bar, params, position, long, flat }, { fast, slow, atr }) {
    if (position.isFlat && fast.crossedAbove(slow)) {
      long({
        why: 'fast EMA crossed above slow',
        risk: params.risk,
        stop: bar.close - 2 * atr.value,
        takeProfit: [
          { at: r(1), share: '50%' },
          { at: r(2), share: '25%' },
          { at: r(4), share: '25%' },
        ],
        breakEven: { after: r(1) },
      });
    }
    if (position.isLong && fast.crossedBelow(slow)) flat('fast EMA crossed below slow');
  },
});

/**
 * Bollinger mean reversion: post-only limits at the outer bands, moved with them, gone after three
 * bars; out at the middle.
 */
export const bollingerReversion = defineStrategy({
  name: 'bollinger-reversion',
  timeframe: '5m',
  params: {
    size: int(20, { min: 5, max: 100 }),
    width: number(2, { min: 1, max: 4, step: 0.5 }),
    risk: percent('0.25%'),
    flatAdx: int(20, { min: 10, max: 40 }),
  },
  setup: ({ params, ind, on }) => ({ bands: ind.bollinger(params.size, params.width), adx: on('1h').adx(14) }),
  onBar({ params, position, long, short, exits, hold }, { bands, adx }) {
    const half = (bands.upper.value - bands.lower.value) / 2;
    if (!position.isFlat) return exits({ takeProfit: { at: bands.value }, why: 'the middle moved' });
    if (adx.value > params.flatAdx) return hold('a trend on the hour', { adx: adx.value });
    const terms = { risk: params.risk, takeProfit: { at: bands.value }, timeStop: '24 bars' } as const;
    if (bands.percentB.value < 0.5) {
      long({
        ...terms,
        why: 'below the middle',
        stop: bands.lower.value - half,
        entry: limit(bands.lower.value, { postOnly: true, timeout: '3 bars' }),
      });
    } else {
      short({
        ...terms,
        why: 'above the middle',
        stop: bands.upper.value + half,
        entry: limit(bands.upper.value, { postOnly: true, timeout: '3 bars' }),
      });
    }
  },
});

/**
 * Donchian breakout: stop entries on both sides of the channel, one cancels the other; a chandelier
 * trails the position.
 */
export const donchianBreakout = defineStrategy({
  name: 'donchian-breakout',
  timeframe: '1h',
  params: {
    channel: int(20, { min: 3, max: 100 }),
    atr: int(14, { min: 2, max: 50 }),
    trail: number(3, { min: 1, max: 6, step: 0.5 }),
    risk: percent('0.5%'),
  },
  setup: ({ params, ind }) => ({ channel: ind.donchian(params.channel), atr: ind.atr(params.atr) }),
  onBar({ params, position, either, hold }, { channel, atr }) {
    if (!position.isFlat) return hold('the trail has the position');
    const { upper, lower } = channel;
    const trail = { by: { price: params.trail * atr.value }, after: r(1) };
    either({
      long: {
        why: 'break above the channel',
        risk: params.risk,
        stop: upper.value - 2 * atr.value,
        entry: stopEntry(upper.value),
        trail,
      },
      short: {
        why: 'break below the channel',
        risk: params.risk,
        stop: lower.value + 2 * atr.value,
        entry: stopEntry(lower.value),
        trail,
      },
    });
  },
});

export const one: StrategyDefinition = defineStrategy({
  name: 'one',
  timeframe: ({ tf }) => tf,
  params: { tf: duration('15m', ['5m', '15m', '1h']), n: int(3), share: percent('1%') },
  setup: ({ ind, on, params }) => ({ fast: ind.ema(params.n), slow: on('4h').macd() }),
  onBar(
    { params, long, short, add, either, reduce, flat, position, orders, portfolio, isCurrent, plot },
    { fast, slow },
  ) {
    const exact: readonly Decimal[] = [params.share, position.size, position.unrealised, portfolio.exact.result];
    const chosen: '5m' | '15m' | '1h' = params.tf;
    // @ts-expect-error a timeframe is one of its options
    const other: '4h' = params.tf;
    const counted: readonly number[] = [position.entries, portfolio.result, Number(isCurrent)];
    plot('counted', counted.length);
    // @ts-expect-error what is plotted is a number
    plot('counted', chosen);
    // @ts-expect-error what is not among the options is no default
    duration('4h', ['5m', '15m']);
    void other;
    // @ts-expect-error what is exact is no number
    const plain: number = position.size;
    const byItself: MarketOrders = orders;
    const ticket: OrderTicket = long({ why: 'a', quantity: 1, stop: 'none', entry: limit(5, { timeout: '3 bars' }) });
    ticket.cancel('b');
    // @ts-expect-error every entry says why
    long({ quantity: 1, stop: 'none' });
    // @ts-expect-error every entry has a stop, or says `none`
    short({ why: 'a', quantity: 1 });
    // @ts-expect-error a size by risk needs the price of a stop
    long({ why: 'a', risk: '1%', stop: 'none' });
    // @ts-expect-error one size and not two
    long({ why: 'a', risk: '1%', quantity: 1, stop: 5 });
    // @ts-expect-error one size and not two shares
    long({ why: 'a', risk: params.share, fraction: '50%', stop: 5 });
    // @ts-expect-error one size and not two, whichever
    short({ why: 'a', notional: 5, quantity: 1, stop: 5 });
    // @ts-expect-error one size and not three
    short({ why: 'a', fraction: '5%', notional: 5, quantity: 1, stop: 5 });
    // @ts-expect-error one size of an addition too
    add({ why: 'a', fraction: '5%', notional: 5 });
    // @ts-expect-error a size is there
    long({ why: 'a', stop: 5 });
    const isSmall = counted.length > 1;
    long({ why: 'a', stop: 5, ...(isSmall ? ({ risk: '1%' } as const) : { quantity: 5 }) });
    // @ts-expect-error a share is exact
    long({ why: 'a', fraction: 0.5, stop: 5 });
    // @ts-expect-error no such timeframe
    long({ why: 'a', quantity: 1, stop: 5, entry: limit(5, { timeout: '3 candles' }) });
    // @ts-expect-error an addition has no exits of its own but the stop
    add({ why: 'a', quantity: 1, takeProfit: 5 });
    // @ts-expect-error what comes to nothing to take off has no ticket
    const part: OrderTicket = reduce({ why: 'a', share: '50%' });
    // @ts-expect-error nor has what comes to nothing to close
    const close: OrderTicket = flat('a');
    // @ts-expect-error both sides are said
    either({ long: { why: 'a', quantity: 1, stop: 5, entry: stopEntry(9) } });
    // @ts-expect-error an order by itself says why
    orders.market({ side: 'buy', quantity: fast.value });
    // @ts-expect-error a limit has a price
    orders.limit({ side: 'buy', quantity: slow.value, why: 'a' });
    // @ts-expect-error a status is read and never written
    ticket.status = 'filled';
    void [part, close, exact, plain, byItself];
  },
  every: {
    '8h -5m'({ after }) {
      after('2s', 'unwind');
      // @ts-expect-error a delay is a length of time
      after('soon', 'unwind');
    },
    // @ts-expect-error no such schedule
    fortnight() {},
  },
  onFill({ fill, ticket }) {
    const told: readonly [Decimal, OrderTicket] = [fill.quantity, ticket];
    void told;
  },
  onTimer({ timer }) {
    // @ts-expect-error what another event brings
    void timer.fill;
  },
});

/** Handlers without bars: a strategy of schedules alone. */
export const five = defineStrategy({ name: 'five', every: { week: ({ hold }) => hold('a') } });

// @ts-expect-error a strategy that is never told of anything
export const six = defineStrategy({ name: 'six' });

/** By events, by hand. */
export class Echo implements EventStrategy {
  readonly name = 'echo';
  constructor(readonly needs: EventStrategy['needs']) {}
  onBar: NonNullable<EventStrategy['onBar']> = ({ instrument }, desk) => {
    if (desk.open({ symbol: instrument.symbol }).length > 0) return;
    const lots = instrument.minLots;
    desk.place({ instrument, side: 'buy', type: 'market', lots, role: 'entry', tag: 'echo', why: 'a bar' });
    // @ts-expect-error every intent has a name
    desk.place({ instrument, side: 'buy', type: 'market', lots, role: 'entry', why: 'a bar' });
    // @ts-expect-error every intent says what it is for
    desk.place({ instrument, side: 'buy', type: 'market', lots, tag: 'echo', why: 'a bar' });
    // @ts-expect-error sizes are whole lots
    desk.place({ instrument, side: 'buy', type: 'market', lots: 1, role: 'entry', tag: 'echo', why: 'a bar' });
  };
  snapshot(): undefined {}
  restore(): void {}
}
