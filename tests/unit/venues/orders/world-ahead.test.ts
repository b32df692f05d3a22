import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { FINEST_UNIT } from '#src/domain/instrument.js';
import { SimulatedBrokerage } from '#src/venues/simulated/brokerage/simulated-brokerage.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { MINUTE, SimulatedWorld, T0, verdict } from '../simulated-world.js';

/** The first minute's bar is over, and the world goes on while the market says nothing. */
class QuietMarket extends SimulatedWorld {
  constructor(
    private readonly hands: { at: number } = { at: T0 + MINUTE },
    orderMs = 0,
  ) {
    super(
      {},
      { latency: { orderMs, responseMs: 0 } },
      new NoExchangeStore(),
      { readText: () => undefined },
      FINEST_UNIT,
      { now: () => hands.at },
    );
    this.bar(0, 100, 100, 100, 100);
  }

  waits(seconds: number): void {
    this.hands.at += seconds * 1_000;
  }

  state(clientId: string): string {
    const { status, at, reason } = this.venue.find({ clientId, symbol: '' })?.report() ?? {};
    return `${status} ${((at ?? Number.NaN) - T0) / 1_000}${reason === undefined ? '' : ` ${reason}`}`;
  }
}

describe('what is asked while the market says nothing', () => {
  it('winds a countdown up from where the world is, each time', () => {
    const world = new QuietMarket();
    world.limit('buy', 5, 95, { clientId: 'a' });
    for (let renewed = 0; renewed < 3; renewed += 1) {
      world.venue.setDeadMan(20_000, 'BTC-PERP');
      world.waits(15);
    }
    world.bar(1, 100, 101, 90, 100);
    expect(world.fills).toEqual(['buy 5@95 maker']);
  });

  it('leaves a countdown that has run out meanwhile run out, at its own instant', () => {
    const world = new QuietMarket();
    world.limit('buy', 5, 95, { clientId: 'a' });
    world.venue.setDeadMan(10_000);
    world.waits(30);
    world.venue.setDeadMan(60_000);
    expect(world.state('a')).toBe('cancelled 70 dead_man: the countdown was not renewed');
  });

  it('refuses an end that has passed, and a request that has', () => {
    const world = new QuietMarket();
    world.waits(30);
    const till = (seconds: number): string =>
      verdict(world.limit('buy', 5, 95, { timeInForce: 'GTD', options: { goodTill: T0 + MINUTE + seconds * 1_000 } }));
    expect([till(30), till(31)]).toEqual(['unsupported', 'accepted']);
    const by = (seconds: number): string =>
      verdict(world.limit('buy', 5, 95, { expiresAt: T0 + MINUTE + seconds * 1_000 }));
    expect([by(29), by(30)]).toEqual(['expired', 'accepted']);
  });

  it('ends an order whose time is over for the world, before it is amended or cancelled', () => {
    const world = new QuietMarket();
    const options = { goodTill: T0 + MINUTE + 10_000 };
    for (const clientId of ['a', 'b']) world.limit('buy', 5, 95, { clientId, timeInForce: 'GTD', options });
    world.waits(30);
    expect(world.venue.cancel({ clientId: 'a', symbol: 'BTC-PERP' }).outcome).toBe('not_open');
    expect(world.state('b')).toBe('expired 70 good_till: its time is over');
  });

  it('travels from where the world is', async () => {
    const world = new QuietMarket(undefined, 5_000);
    const broker = new SimulatedBrokerage(world.venue, world.config);
    world.waits(30);
    const placed = broker.placeOrder(world.request('buy', 5, { type: 'limit', limit: 95 as never, clientId: 'a' }));
    world.venue.advance(T0 + MINUTE + 34_999);
    expect(world.venue.find({ clientId: 'a', symbol: '' })).toBeUndefined();
    world.venue.advance(T0 + MINUTE + 35_000);
    expect(await placed).toMatchObject({ outcome: 'accepted', at: T0 + MINUTE + 35_000 });
  });
});
