import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import { advance, applyFill, isTerminal } from '#src/domain/order-state.js';
import type {
  Order,
  OrderOptions,
  OrderTerms,
  OrderType,
  SelfTradePrevention,
  Side,
  TriggerPrice,
} from '#src/domain/order.js';
import { lots, marks, ticks, units } from '#src/domain/units.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { MemoryExchangeStore, MINUTE, SimulatedWorld, T0 } from '../unit/venues/simulated-world.js';

const price = fc.integer({ min: 9_900, max: 10_100 });
const size = fc.integer({ min: 1, max: 40 });
const place = fc.record({
  kind: fc.constant('place' as const),
  side: fc.constantFrom<Side>('buy', 'sell'),
  type: fc.constantFrom<OrderType>(
    'market',
    'limit',
    'limit',
    'stop_market',
    'stop_limit',
    'take_profit_market',
    'take_profit_limit',
    'trailing_stop',
  ),
  size,
  limit: price,
  stop: price,
  by: fc.constantFrom<TriggerPrice>('last', 'last', 'mark'),
  reduceOnly: fc.boolean(),
  postOnly: fc.constantFrom(false, false, false, true),
  close: fc.constantFrom(false, false, true),
  trail: fc.integer({ min: 10, max: 150 }),
  activation: fc.option(price, { nil: undefined }),
  goodTill: fc.option(fc.integer({ min: 1, max: 3 * MINUTE }), { nil: undefined, freq: 3 }),
  group: fc.option(fc.constantFrom('g1', 'g2', 'g3'), { nil: undefined, freq: 2 }),
  after: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 2 }),
  selfTrade: fc.constantFrom<SelfTradePrevention>('expire_maker', 'expire_taker', 'expire_both'),
});
const quote = fc.record({
  kind: fc.constant('quote' as const),
  bid: price,
  width: fc.integer({ min: 1, max: 20 }),
  bidLots: fc.nat(50),
  askLots: fc.nat(50),
});
const trade = fc.record({ kind: fc.constant('trade' as const), price, size: fc.integer({ min: 1, max: 60 }) });
const barOf = fc.record({
  kind: fc.constant('bar' as const),
  open: price,
  up: fc.nat(120),
  down: fc.nat(120),
  close: price,
});
const rest = fc.oneof(
  fc.record({ kind: fc.constant('mark' as const), price }),
  fc.record({ kind: fc.constant('cancel' as const), order: fc.integer({ min: 1, max: 20 }) }),
  fc.record({
    kind: fc.constant('amend' as const),
    order: fc.integer({ min: 1, max: 20 }),
    price: fc.option(price, { nil: undefined }),
    stop: fc.option(price, { nil: undefined }),
    size: fc.option(size, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('countdown' as const),
    ms: fc.option(fc.integer({ min: 1, max: 2 * MINUTE }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(MINUTE) }),
);
type Place = typeof place extends fc.Arbitrary<infer T> ? T : never;
type Command =
  Place | (typeof quote | typeof trade | typeof barOf | typeof rest extends fc.Arbitrary<infer T> ? T : never);

const mixed = (market: fc.Arbitrary<Command>): fc.Arbitrary<Command[]> =>
  fc.array(
    fc.oneof({ arbitrary: place, weight: 6 }, { arbitrary: market, weight: 6 }, { arbitrary: rest, weight: 2 }),
    { minLength: 20, maxLength: 70, size: 'max' },
  );
const anyMarket = fc.oneof(mixed(fc.oneof(quote, quote, trade)), mixed(barOf));

/** Plays commands into an exchange; can be continued by another one, as after a restart. */
class Play {
  readonly world: SimulatedWorld;

  constructor(
    private readonly store: ExchangeStore = new NoExchangeStore(),
    public now = T0,
    private sent = 0,
  ) {
    this.world = new SimulatedWorld({}, {}, store);
  }

  restarted(): Play {
    this.world.venue.flush();
    return new Play(this.store, this.now, this.sent);
  }

  run(command: Command): void {
    const { world } = this;
    switch (command.kind) {
      case 'place':
        this.sent += 1;
        world.submit(command.side, command.size, this.terms(command));
        return;
      case 'quote':
        this.now += 250;
        return world.quote(command.bid, command.bidLots, command.bid + command.width, command.askLots, this.now);
      case 'trade':
        this.now += 10;
        return world.trade(command.price, command.size, this.now);
      case 'bar': {
        const { open, close, up, down } = command;
        const openAt = this.now;
        this.now += MINUTE;
        return world.venue.bar('BTC-PERP', {
          openAt,
          closeAt: this.now,
          open: ticks(open),
          close: ticks(close),
          high: ticks(Math.max(open, close) + up),
          low: ticks(Math.min(open, close) - down),
          volume: 1_000,
        });
      }
      case 'mark':
        return world.venue.mark('BTC-PERP', marks(command.price * world.instrument.marksPerTick), this.now);
      case 'cancel':
        world.venue.cancel({ clientId: `o${command.order}`, symbol: 'BTC-PERP' });
        return;
      case 'amend':
        world.venue.amend({
          ref: { clientId: `o${command.order}`, symbol: 'BTC-PERP' },
          ...(command.price === undefined ? {} : { limit: ticks(command.price) }),
          ...(command.stop === undefined ? {} : { stop: ticks(command.stop) }),
          ...(command.size === undefined ? {} : { lots: lots(command.size) }),
        });
        return;
      case 'countdown':
        if (!Number.isNaN(world.venue.time)) world.venue.setDeadMan(command.ms);
        return;
      case 'wait':
        this.now += command.ms;
        return world.venue.advance(this.now);
    }
  }

  private terms(command: Place): Partial<OrderTerms> {
    const { type, limit, stop } = command;
    const limited = type === 'limit' || type.endsWith('_limit');
    const stopped = type.startsWith('stop') || type.startsWith('take');
    const close = command.close && (type === 'stop_market' || type === 'take_profit_market');
    const timed = limited && command.goodTill !== undefined;
    const options: OrderOptions = {
      selfTrade: command.selfTrade,
      ...(type === 'trailing_stop'
        ? {
            trailBps: command.trail,
            ...(command.activation === undefined ? {} : { activation: ticks(command.activation) }),
          }
        : {}),
      ...(close ? { closePosition: true as const } : {}),
      ...(timed ? { goodTill: this.now + (command.goodTill as number) } : {}),
      ...(command.group === undefined ? {} : { group: command.group }),
      ...(command.after === undefined ? {} : { after: `o${this.sent - command.after}` }),
    };
    return {
      clientId: `o${this.sent}`,
      type,
      timeInForce: timed ? 'GTD' : 'GTC',
      postOnly: command.postOnly && type === 'limit',
      reduceOnly: command.reduceOnly && !close,
      triggerBy: command.by,
      ...(limited ? { limit: ticks(limit) } : {}),
      ...(stopped ? { stop: ticks(stop) } : {}),
      ...(close ? { lots: lots(0) } : {}),
      options,
    };
  }
}

const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void =>
  fc.assert(fc.property(arbitrary, property), { numRuns: 60 });

const outcome = ({ world }: Play): unknown => ({
  fills: world.venue.fills.map((fill) => ({ ...fill, instrument: fill.instrument.symbol })),
  cash: world.venue.account.ledger.cash,
  open: world.venue.openOrders().map((order) => order.toRecord()),
});

describe('orders of every kind, over random markets', () => {
  it('end in one way or are open, fill within size and price, and the books balance after every event', () => {
    check(anyMarket, (commands) => {
      const play = new Play();
      const { venue } = play.world;
      const ends = new Map<string, number>();
      const known = new Map<string, Order>();
      venue.onAccount((event) => {
        if (event.kind === 'order') {
          const request = venue.find({ clientId: event.clientId, symbol: '' })?.request;
          if (request === undefined) throw new Error('report about nothing');
          const before = known.get(event.clientId) ?? {
            request,
            status: 'sending',
            venueIds: [],
            filled: lots(0),
            filledNotional: units(0),
            createdAt: 0,
            updatedAt: 0,
          };
          if (isTerminal(event.report.status)) ends.set(event.clientId, (ends.get(event.clientId) ?? 0) + 1);
          known.set(event.clientId, advance({ ...before, request }, event.report));
        } else if (event.kind === 'fill') {
          const before = known.get(event.fill.clientId);
          if (before === undefined || isTerminal(before.status)) throw new Error('fill of an order that is not open');
          // An order that closes the position has its size from the trigger on.
          const request = venue.find({ clientId: event.fill.clientId, symbol: '' })?.request ?? before.request;
          const { limit, side } = request;
          if (limit !== undefined && before.request.limit === limit)
            expect(side === 'buy' ? event.fill.price <= limit : event.fill.price >= limit).toBe(true);
          known.set(event.fill.clientId, applyFill({ ...before, request }, event.fill));
        }
      });
      for (const command of commands) {
        play.run(command);
        venue.assertConsistent();
        const open = new Set(venue.openOrders().map((order) => order.request.clientId));
        for (const [id, order] of known) {
          expect(open.has(id)).toBe(!isTerminal(order.status));
          expect(ends.get(id) ?? 0).toBe(isTerminal(order.status) ? 1 : 0);
        }
      }
    });
  });

  it('never let an order that only reduces increase or flip the position', () => {
    check(anyMarket, (commands) => {
      const play = new Play();
      let position = 0;
      play.world.venue.onAccount((event) => {
        if (event.kind !== 'fill') return;
        const before = position;
        position += (event.fill.side === 'buy' ? 1 : -1) * event.fill.lots;
        if (play.world.venue.find({ clientId: event.fill.clientId, symbol: '' })?.request.reduceOnly !== true) return;
        expect(Math.abs(position)).toBeLessThan(Math.abs(before));
        expect(position * before).toBeGreaterThanOrEqual(0);
      });
      for (const command of commands) play.run(command);
    });
  });

  const aGroupTellsOnce = (commands: readonly Command[]): void => {
    const play = new Play();
    const { venue } = play.world;
    const executed = new Map<string, string>();
    const closed = new Map<string, number>();
    for (const command of commands) {
      const before = venue.fills.length;
      play.run(command);
      for (const fill of venue.fills.slice(before)) {
        const order = venue.find({ clientId: fill.clientId, symbol: '' });
        const { group, after } = order?.request.options ?? {};
        const entry = after === undefined ? undefined : venue.find({ clientId: after, symbol: '' });
        if (group !== undefined) {
          // The exits of one entry are one for the others of the group: they share what it has filled.
          const one = after === undefined ? fill.clientId : `after ${after}`;
          expect(executed.get(group) ?? one).toBe(one);
          executed.set(group, one);
        }
        const exits = group === undefined ? fill.clientId : JSON.stringify([group, after]);
        closed.set(exits, (closed.get(exits) ?? 0) + fill.lots);
        if (entry !== undefined) expect(closed.get(exits)).toBeLessThanOrEqual(entry.filled);
      }
    }
  };

  it('let one order of a group execute, or the exits of one entry, and they no more than it has filled', () => {
    check(anyMarket, aGroupTellsOnce);
  });

  it('share an entry of two lots between two exits of its group', () => {
    const flat = { kind: 'bar', open: 9_900, up: 0, down: 0, close: 9_900 } as const;
    const buy = {
      kind: 'place',
      side: 'buy',
      type: 'market',
      size: 2,
      limit: 9_900,
      stop: 9_900,
      by: 'last',
      reduceOnly: false,
      postOnly: false,
      close: false,
      trail: 10,
      activation: undefined,
      goodTill: undefined,
      group: undefined,
      after: undefined,
      selfTrade: 'expire_maker',
    } as const;
    aGroupTellsOnce([
      flat,
      buy,
      { ...buy, type: 'trailing_stop', group: 'g1', after: 1 },
      { ...buy, size: 1, group: 'g1', after: 2 },
      flat,
      { ...flat, close: 9_910 },
    ]);
  });

  it('never rest where they would trade with each other', () => {
    check(anyMarket, (commands) => {
      const play = new Play();
      for (const command of commands) {
        play.run(command);
        const { bids, asks } = play.world.venue.markets.get('BTC-PERP')?.book ?? { bids: [], asks: [] };
        const [bid, ask] = [bids[0]?.request.limit, asks[0]?.request.limit];
        if (bid !== undefined && ask !== undefined) expect(bid).toBeLessThan(ask);
      }
    });
  });

  it('amended while they wait for a trigger fill as the order would that replaces them', () => {
    const waits = fc.constantFrom<OrderType>('stop_market', 'stop_limit', 'take_profit_market', 'take_profit_limit');
    const first = fc.tuple(place, waits, fc.constantFrom<Side | undefined>(undefined, 'buy', 'sell'));
    const change = fc.record({ kind: fc.constant('change' as const), limit: price, stop: price, size });
    const step = fc.oneof({ weight: 3, arbitrary: fc.oneof(quote, trade, barOf) }, { weight: 1, arbitrary: change });
    check(
      fc.tuple(first, fc.boolean(), fc.array(step, { minLength: 10, maxLength: 40 })),
      ([order, follows, steps]) => {
        const [amended, replaced] = [new Play(), new Play()];
        const [terms, type, entered] = order;
        const simple = { group: undefined, goodTill: undefined, close: false, postOnly: false } as const;
        for (const play of [amended, replaced]) {
          play.run({ kind: 'quote', bid: 9_998, width: 4, bidLots: 900, askLots: 900 });
          play.run({ kind: 'trade', price: 10_000, size: 1 });
          // o1 is a position or an entry that rests, o2 waits.
          const entry = { ...terms, ...simple, after: undefined, reduceOnly: false, size: 20 };
          play.run({ ...entry, side: entered ?? terms.side, type: follows ? 'limit' : 'market' });
          play.run({ ...terms, ...simple, type, after: follows ? 1 : undefined });
        }
        let newest = 'o2';
        let changes = 0;
        for (const each of steps) {
          if (each.kind !== 'change') {
            for (const play of [amended, replaced]) play.run(each);
            continue;
          }
          const { venue } = amended.world;
          const old = venue.find({ clientId: 'o2', symbol: 'BTC-PERP' });
          if (old === undefined || !old.isStop || old.filled > 0) continue;
          const limited = type.endsWith('_limit') ? { limit: ticks(each.limit) } : {};
          const news = { stop: ticks(each.stop), lots: lots(each.size), ...limited };
          const { outcome: answer } = venue.amend({ ref: { clientId: 'o2', symbol: 'BTC-PERP' }, ...news });
          if (answer !== 'accepted') continue;
          replaced.world.venue.cancel({ clientId: newest, symbol: 'BTC-PERP' });
          changes += 1;
          newest = `n${changes}`;
          const { request } = old;
          const anew = { ...news, type, clientId: newest, reduceOnly: request.reduceOnly };
          const { triggerBy, options } = request;
          const more = { ...(triggerBy && { triggerBy }), ...(options && { options }) };
          expect(replaced.world.submit(request.side, each.size, { ...anew, ...more }).outcome).toBe('accepted');
        }
        const told = ({ world }: Play): unknown =>
          world.venue.fills.map(({ side, lots: filled, price: at, fee, liquidity, at: when }) => [
            ...[side, filled, at, fee, liquidity, when],
          ]);
        expect(told(amended)).toEqual(told(replaced));
      },
    );
  });

  it('fill nothing at or after the end of their time', () => {
    check(anyMarket, (commands) => {
      const play = new Play();
      for (const command of commands) play.run(command);
      for (const fill of play.world.venue.fills) {
        const { goodTill = Number.POSITIVE_INFINITY } =
          play.world.venue.find({ clientId: fill.clientId, symbol: '' })?.request.options ?? {};
        expect(fill.at).toBeLessThan(goodTill);
      }
    });
  });

  it('come out the same whether or not the exchange was restarted in between', () => {
    check(fc.tuple(anyMarket, fc.nat(50)), ([commands, at]) => {
      const whole = new Play();
      let halves = new Play(new MemoryExchangeStore());
      commands.forEach((command, i) => {
        whole.run(command);
        if (i === at) halves = halves.restarted();
        halves.run(command);
      });
      expect(outcome(halves)).toEqual(outcome(whole));
    });
  });
});
