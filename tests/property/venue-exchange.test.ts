import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { RATE_SCALE } from '#src/domain/instrument.js';
import { advance, applyFill, isTerminal } from '#src/domain/order-state.js';
import type { Order, OrderTerms, Side } from '#src/domain/order.js';
import { lots, marks, ticks, units } from '#src/domain/units.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import type { ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import { MemoryExchangeStore, MINUTE, SimulatedWorld, T0 } from '../unit/venues/simulated-world.js';

const SPEC = { makerFee: new Decimal('-0.0001'), takerFee: new Decimal('0.0005'), fundingIntervalHours: 1 };
const SIMULATION = { barHalfSpreadBps: new Decimal(3), maxVolumeShare: new Decimal('0.2') };
const NEAR = { min: 9_900, max: 10_100 };

interface OrderCommand {
  readonly kind: 'order';
  readonly side: Side;
  readonly size: number;
  readonly type: 'market' | 'limit' | 'stop_market' | 'stop_limit';
  readonly limit: number;
  readonly stop: number;
  readonly tif: 'GTC' | 'IOC' | 'FOK';
  readonly reduceOnly: boolean;
  readonly postOnly: boolean;
}
type Command =
  | OrderCommand
  | {
      readonly kind: 'quote';
      readonly bid: number;
      readonly width: number;
      readonly bidLots: number;
      readonly askLots: number;
    }
  | { readonly kind: 'trade'; readonly price: number; readonly size: number }
  | {
      readonly kind: 'bar';
      readonly open: number;
      readonly up: number;
      readonly down: number;
      readonly close: number;
      readonly volume: number;
    }
  | { readonly kind: 'mark'; readonly price: number }
  | { readonly kind: 'rate'; readonly bps: number }
  | { readonly kind: 'cancel'; readonly order: number }
  | { readonly kind: 'wait'; readonly ms: number };

const price = fc.integer(NEAR);
const order = fc.record<OrderCommand>({
  kind: fc.constant('order'),
  side: fc.constantFrom('buy', 'sell'),
  size: fc.integer({ min: 1, max: 40 }),
  type: fc.constantFrom('market', 'limit', 'limit', 'stop_market', 'stop_limit'),
  limit: price,
  stop: price,
  tif: fc.constantFrom('GTC', 'GTC', 'IOC', 'FOK'),
  reduceOnly: fc.boolean(),
  postOnly: fc.constantFrom(false, false, true),
});
const quote = fc.record({
  kind: fc.constant('quote' as const),
  bid: price,
  width: fc.integer({ min: 1, max: 20 }),
  bidLots: fc.integer({ min: 0, max: 50 }),
  askLots: fc.integer({ min: 0, max: 50 }),
});
const trade = fc.record({ kind: fc.constant('trade' as const), price, size: fc.integer({ min: 1, max: 30 }) });
const barOf = fc.record({
  kind: fc.constant('bar' as const),
  open: price,
  up: fc.nat(60),
  down: fc.nat(60),
  close: price,
  volume: fc.nat(400),
});
const rest = fc.oneof(
  fc.record({ kind: fc.constant('mark' as const), price }),
  fc.record({ kind: fc.constant('rate' as const), bps: fc.integer({ min: -20, max: 20 }) }),
  fc.record({ kind: fc.constant('cancel' as const), order: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(2 * 3_600_000) }),
);
const quoted = fc.array(
  fc.oneof(
    { arbitrary: order, weight: 4 },
    { arbitrary: quote, weight: 4 },
    { arbitrary: trade, weight: 2 },
    { arbitrary: rest, weight: 2 },
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
);
const barred = fc.array(
  fc.oneof({ arbitrary: order, weight: 4 }, { arbitrary: barOf, weight: 4 }, { arbitrary: rest, weight: 2 }),
  { minLength: 20, maxLength: 60, size: 'max' },
);
const anyMarket = fc.oneof(quoted, barred);

/** Plays commands into an exchange; can be continued by another one, as after a restart. */
class Play {
  world: SimulatedWorld;

  constructor(
    private readonly store: ExchangeStore = new NoExchangeStore(),
    public now = T0,
    private sent = 0,
  ) {
    this.world = new SimulatedWorld(SPEC, SIMULATION, store);
  }

  restarted(): Play {
    this.world.venue.flush();
    return new Play(this.store, this.now, this.sent);
  }

  run(command: Command): void {
    const { world } = this;
    switch (command.kind) {
      case 'order':
        this.sent += 1;
        world.submit(command.side, command.size, termsOf(command, `o${this.sent}`));
        return;
      case 'quote':
        this.now += 250;
        return world.quote(command.bid, command.bidLots, command.bid + command.width, command.askLots, this.now);
      case 'trade':
        this.now += 10;
        return world.trade(command.price, command.size, this.now);
      case 'bar': {
        const { open, close, up, down, volume } = command;
        const [openAt, closeAt] = [this.now, this.now + MINUTE];
        this.now = closeAt;
        return world.venue.bar('BTC-PERP', {
          openAt,
          closeAt,
          open: ticks(open),
          close: ticks(close),
          high: ticks(Math.max(open, close) + up),
          low: ticks(Math.min(open, close) - down),
          volume,
        });
      }
      case 'mark':
        return world.venue.mark('BTC-PERP', marks(command.price * world.instrument.marksPerTick), this.now);
      case 'rate':
        return world.venue.setFundingRate('BTC-PERP', (command.bps * RATE_SCALE) / 10_000);
      case 'cancel':
        world.venue.cancel({ clientId: `o${command.order}`, symbol: 'BTC-PERP' });
        return;
      case 'wait':
        this.now += command.ms;
        return world.venue.advance(this.now);
    }
  }
}

function termsOf(command: OrderCommand, clientId: string): Partial<OrderTerms> {
  const { type, limit, stop, tif, reduceOnly, postOnly } = command;
  return {
    clientId,
    type,
    timeInForce: tif,
    reduceOnly,
    postOnly,
    ...(type === 'limit' || type === 'stop_limit' ? { limit: ticks(limit) } : {}),
    ...(type === 'stop_market' || type === 'stop_limit' ? { stop: ticks(stop) } : {}),
  };
}

const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void =>
  fc.assert(fc.property(arbitrary, property), { numRuns: 150 });

function positionOf(world: SimulatedWorld): unknown {
  const { lots: size, cost, realised, openedAt } = world.venue.account.position(world.instrument);
  return { size, cost, realised, openedAt };
}

/** All that is left when everything has happened. */
const outcome = ({ world }: Play): unknown => ({
  fills: world.venue.fills.map((fill) => ({ ...fill, instrument: fill.instrument.symbol })),
  fundings: world.venue.fundings.map((payment) => ({
    ...payment,
    instrument: payment.instrument.symbol,
    rate: payment.rate?.toString(),
    markPrice: payment.markPrice?.toString(),
  })),
  cash: world.venue.account.ledger.cash,
  position: positionOf(world),
  open: world.venue.openOrders().map((open) => open.toRecord()),
});

describe('the exchange inside, over random markets and orders', () => {
  it('creates and loses no money: every unit is a deposit, profit, fee or funding payment', () => {
    check(anyMarket, (commands) => {
      const play = new Play();
      for (const command of commands) {
        play.run(command);
        play.world.venue.assertConsistent();
        const { ledger, fills, fundings } = play.world.venue.account;
        const unrealised =
          fills.reduce(
            (total, fill) => total - (fill.side === 'buy' ? 1 : -1) * fill.instrument.notional(fill.price, fill.lots),
            0,
          ) + play.world.venue.account.position(play.world.instrument).cost;
        const told =
          ledger.income('deposits') +
          unrealised +
          fills.reduce((total, fill) => total + fill.fee, 0) +
          fundings.reduce((total, payment) => total + (payment.amount ?? 0), 0);
        expect(ledger.cash).toBe(told);
      }
    });
  });

  it('never lets a reduce-only order increase or flip the position', () => {
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

  it('never fills an order beyond its size or its price, and reports only steps that an order can take', () => {
    check(anyMarket, (commands) => {
      const play = new Play();
      const orders = new Map<string, Order>();
      play.world.venue.onAccount((event) => {
        if (event.kind === 'order') {
          const request = play.world.venue.find({ clientId: event.clientId, symbol: '' })?.request;
          if (request === undefined) throw new Error('report about nothing');
          const known = orders.get(event.clientId) ?? {
            request,
            status: 'sending',
            venueIds: [],
            filled: lots(0),
            filledNotional: units(0),
            createdAt: 0,
            updatedAt: 0,
          };
          orders.set(event.clientId, advance(known, event.report));
        } else if (event.kind === 'fill') {
          const known = orders.get(event.fill.clientId);
          if (known === undefined) throw new Error('fill before its order');
          expect(isTerminal(known.status)).toBe(false);
          const { limit, side } = known.request;
          if (limit !== undefined)
            expect(side === 'buy' ? event.fill.price <= limit : event.fill.price >= limit).toBe(true);
          orders.set(event.fill.clientId, applyFill(known, event.fill));
        }
      });
      for (const command of commands) play.run(command);
      const open = new Set(play.world.venue.openOrders().map((working) => working.request.clientId));
      for (const [id, known] of orders) expect(open.has(id)).toBe(!isTerminal(known.status));
    });
  });

  it('takes no more from a quote than it shows', () => {
    check(quoted, (commands) => {
      const play = new Play();
      const left = { buy: 0, sell: 0 };
      let traded = 0;
      play.world.venue.onAccount((event) => {
        if (event.kind !== 'fill') return;
        if (traded > 0 && event.fill.liquidity === 'maker') traded -= event.fill.lots;
        else left[event.fill.side] -= event.fill.lots;
        expect(Math.min(left.buy, left.sell, traded)).toBeGreaterThanOrEqual(0);
      });
      for (const command of commands) {
        traded = command.kind === 'trade' ? command.size : 0;
        if (command.kind === 'quote') Object.assign(left, { buy: command.askLots, sell: command.bidLots });
        if (command.kind === 'trade' && !Number.isNaN(play.world.venue.markets.get('BTC-PERP')?.bid)) play.run(command);
        else if (command.kind !== 'trade') play.run(command);
      }
    });
  });

  it('fills resting orders in price-time order: nobody who stood in front is left behind', () => {
    check(
      fc.array(
        fc.oneof(
          {
            arbitrary: order.map((command): Command => ({
              ...command,
              type: 'limit',
              tif: 'GTC',
              reduceOnly: false,
              postOnly: true,
            })),
            weight: 3,
          },
          { arbitrary: quote, weight: 1 },
          { arbitrary: trade, weight: 1 },
        ),
        { minLength: 20, maxLength: 60, size: 'max' },
      ),
      (commands) => {
        const play = new Play();
        for (const command of commands) {
          const before = play.world.venue.fills.length;
          play.run(command);
          for (const fill of play.world.venue.fills.slice(before)) {
            const filled = play.world.venue.find({ clientId: fill.clientId, symbol: '' });
            for (const open of play.world.venue.openOrders()) {
              if (open.request.side !== fill.side || open === filled) continue;
              const better = ((open.request.limit ?? 0) - fill.price) * (fill.side === 'buy' ? 1 : -1);
              expect(better < 0 || (better === 0 && open.seq > (filled?.seq ?? 0))).toBe(true);
            }
          }
        }
      },
    );
  });

  it('keeps the fills of one bar within its share of volume', () => {
    check(barred, (commands) => {
      const play = new Play();
      for (const command of commands) {
        const before = play.world.venue.fills.length;
        play.run(command);
        const filled = play.world.venue.fills.slice(before).reduce((total, fill) => total + fill.lots, 0);
        expect(filled).toBeLessThanOrEqual(command.kind === 'bar' ? Math.floor(command.volume * 0.2) : 0);
      }
    });
  });

  it('gives the same trace for the same input', () => {
    check(anyMarket, (commands) => {
      const [first, second] = [new Play(), new Play()];
      for (const play of [first, second]) for (const command of commands) play.run(command);
      expect(outcome(second)).toEqual(outcome(first));
      expect(second.world.reports).toEqual(first.world.reports);
    });
  });

  it('comes out the same whether or not it was restarted in between', () => {
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
