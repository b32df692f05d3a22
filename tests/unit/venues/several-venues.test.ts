import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { PerpsBotError } from '#src/domain/errors.js';
import { Instrument } from '#src/domain/instrument.js';
import { OrderRequest, type OrderTerms, type Side } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { SimulationSettings } from '#src/ports/configuration/settings/simulation-settings.js';
import type { ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import { SimulatedBrokerage } from '#src/venues/simulated/brokerage/simulated-brokerage.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { d, usd } from './margin-world.js';
import { MemoryExchangeStore, T0, verdict } from './simulated-world.js';

const A = 'BTC-PERP.A';
const B = 'BTC-PERP.B';
const VENUES = { A: { equity: d(1_000) }, B: { equity: d(50_000) } };

/** The same product on two venues: a poor account and a rich one. Prices are whole, a lot is 0.1. */
class TwoVenues {
  readonly venue: DeterministicExchange;
  readonly broker: SimulatedBrokerage;
  private readonly instruments: Readonly<Record<string, Instrument>>;
  private now = T0;
  private sent = 0;

  constructor(simulation: Partial<SimulationSettings> = {}, store: ExchangeStore = new NoExchangeStore()) {
    const settings = testConfig().simulation;
    const specs = [
      [A, 'A'],
      [B, 'B'],
    ].map(([symbol = '', venue = '']) =>
      instrumentSpec({
        symbol,
        venue,
        tick: d(1),
        step: d('0.1'),
        minSize: d('0.1'),
        minNotional: d(0),
        makerFee: d(0),
        takerFee: d('0.001'),
        maintenanceRate: d('0.01'),
        maxLeverage: d(50),
        fundingIntervalHours: 0,
      }),
    );
    const config = new FakeConfigController(
      testConfig({
        symbols: [A, B],
        instruments: Object.fromEntries(specs.map((spec) => [spec.symbol, spec])),
        simulation: { venues: VENUES, margin: { ...settings.margin, liquidationFee: d(0) }, ...simulation },
      }),
    );
    this.venue = new DeterministicExchange(config, store);
    this.broker = new SimulatedBrokerage(this.venue, config);
    this.instruments = Object.fromEntries(specs.map((spec) => [spec.symbol, new Instrument(spec)]));
    this.venue.open();
  }

  quote(symbol: string, price: number): this {
    this.now += 1_000;
    this.venue.quote(symbol, ticks(price), lots(1e6), ticks(price), lots(1e6), this.now);
    return this;
  }

  nextDay(): this {
    this.now += 86_400_000;
    return this;
  }

  order(symbol: string, side: Side, size: number, terms: Partial<OrderTerms> = {}): string {
    this.sent += 1;
    const instrument = this.instruments[symbol] as Instrument;
    return verdict(
      this.venue.submit(
        new OrderRequest({
          clientId: `c${this.sent}`,
          instrument,
          side,
          type: 'market',
          lots: lots(size),
          timeInForce: 'GTC',
          postOnly: false,
          reduceOnly: false,
          leverage: 10,
          ...terms,
        }),
      ),
    );
  }

  account(name: string): DeterministicExchange['account'] {
    const found = this.venue.accounts.find((each) => each.name === name);
    if (found === undefined) throw new Error(name);
    return found.account;
  }
}

const quoted = (simulation?: Partial<SimulationSettings>, store?: ExchangeStore): TwoVenues =>
  new TwoVenues(simulation, store).quote(A, 100).quote(B, 100);

describe('several venues in one run', () => {
  it('are an account each: margin of the rich one does not back the poor one', () => {
    const world = quoted();
    expect(world.order(A, 'buy', 2_000)).toBe('insufficient_margin');
    expect(world.order(B, 'buy', 2_000)).toBe('accepted');
    expect([world.account('A').ledger.cash, world.account('B').ledger.cash]).toEqual([usd(1_000), usd(50_000 - 20)]);
    world.venue.assertConsistent();
  });

  it('liquidate on their own: the other keeps its positions, orders and money', () => {
    const world = quoted();
    world.order(A, 'buy', 900);
    world.order(B, 'buy', 900);
    world.order(B, 'sell', 10, { type: 'limit', limit: ticks(150) });
    const before = world.account('B').ledger.cash;
    world.quote(A, 80);
    expect(
      world.venue.fills.filter(({ cause }) => cause === 'liquidation').map(({ instrument }) => instrument.symbol),
    ).toEqual([A]);
    expect(world.account('A').ledger.cash).toBeGreaterThanOrEqual(0);
    expect(world.account('B').ledger.cash).toBe(before);
    expect([world.venue.openOrders().length, world.venue.markets.get(B)?.position.lots]).toEqual([1, 900]);
    world.venue.assertConsistent();
  });

  it('have a fee volume and an insurance fund each', () => {
    const feeTiers = {
      regular: { volume: d(0), makerFee: d(0), takerFee: d('0.001') },
      vip: { volume: d(5_000), makerFee: d(0), takerFee: d('0.0005') },
    };
    const world = quoted({ feeTiers, margin: { ...testConfig().simulation.margin, insuranceFund: d(7) } });
    world.order(B, 'buy', 600);
    // A day's volume counts from the next one on.
    world.nextDay().quote(A, 100).quote(B, 100);
    for (const symbol of [A, B]) world.order(symbol, 'buy', 1);
    expect([world.account('A').schedule.volume, world.account('B').schedule.volume]).toEqual([d(0), d(6_000)]);
    expect([world.account('A').books.fund, world.account('B').books.fund]).toEqual([usd(7), usd(7)]);
  });

  it('count orders and trades together, so that no id comes twice', () => {
    const world = quoted();
    world.order(A, 'buy', 1);
    world.order(B, 'buy', 1);
    expect(world.venue.fills.map(({ tradeId, venueId }) => `${tradeId} ${venueId}`)).toEqual([
      'sim-t1 sim-o1',
      'sim-t2 sim-o2',
    ]);
  });

  it('find and cancel an order wherever it is', async () => {
    const world = quoted();
    world.order(B, 'buy', 1, { type: 'limit', limit: ticks(90), clientId: 'far' });
    expect(await world.broker.getOrder({ clientId: 'far', symbol: A })).toMatchObject({ found: true });
    expect(await world.broker.cancelOrder({ clientId: 'far', symbol: B })).toMatchObject({ outcome: 'cancelled' });
  });

  it('tell sums with the parts named, and one deposit', async () => {
    const world = quoted();
    world.order(B, 'buy', 1_000);
    const [balance] = await world.broker.listBalances();
    expect([balance?.total.toString(), balance?.available.toString()]).toEqual(['50990', '49990']);
    expect((await world.broker.listTransfers(0)).map(({ amount, id }) => [id, amount.toString()])).toEqual([
      ['initial', '51000'],
    ]);
    expect(await world.broker.getAccountSnapshot()).toMatchObject({
      equity: '50990',
      fees_paid: '-10',
      venues: { A: { equity: '1000', fees_paid: '0' }, B: { equity: '49990', fees_paid: '-10' } },
    });
    expect((await world.broker.listPositions()).map(({ symbol }) => symbol)).toEqual([B]);
    expect((await world.broker.listFills(0)).items).toHaveLength(1);
  });

  it('change their position mode together or not at all', () => {
    const world = quoted();
    world.order(B, 'buy', 1);
    expect(() => world.venue.setPositionMode('hedge')).toThrow(`while a position of ${B} is open`);
    expect(world.venue.accounts.map(({ account }) => account.positionMode)).toEqual(['one_way', 'one_way']);
  });

  it('refuse an instrument of a venue that has no account', () => {
    const { venue } = quoted();
    expect(() => venue.define(new Instrument(instrumentSpec({ symbol: 'ETH-PERP', venue: 'C' })))).toThrow(
      'must be one of simulation.venues (A, B), was C',
    );
  });

  it('survive a restart, each with its own', () => {
    const store = new MemoryExchangeStore();
    const world = quoted({}, store);
    world.order(A, 'buy', 100);
    world.order(B, 'sell', 200);
    world.order(B, 'sell', 10, { type: 'limit', limit: ticks(150) });
    world.venue.flush();
    const next = new TwoVenues({}, store);
    for (const name of ['A', 'B']) {
      expect(next.account(name).ledger.cash).toBe(world.account(name).ledger.cash);
      expect(next.account(name).fills).toHaveLength(1);
    }
    expect([
      next.venue.markets.get(A)?.position.lots,
      next.venue.markets.get(B)?.position.lots,
      next.venue.openOrders().length,
      next.venue.fills.length,
    ]).toEqual([100, -200, 1, 2]);
    next.venue.assertConsistent();
  });

  it('do not take up the accounts of other venues', () => {
    const store = new MemoryExchangeStore();
    quoted({}, store).venue.flush();
    const code = (venues: SimulationSettings['venues']): unknown => {
      try {
        new TwoVenues({ venues }, store);
        return undefined;
      } catch (error) {
        return PerpsBotError.is(error) ? error.code : error;
      }
    };
    expect([code({}), code({ ...VENUES, C: { equity: d(1) } }), code(VENUES)]).toEqual([
      'CFG-006',
      'CFG-006',
      undefined,
    ]);
  });
});

describe('a state with one account, of before there were venues', () => {
  it('is taken up by the one venue of the run', () => {
    const store = new MemoryExchangeStore();
    const world = quoted({ venues: {} }, store);
    world.order(A, 'buy', 100);
    world.venue.flush();
    const stored = store.load();
    const {
      accounts: [account],
      ...core
    } = JSON.parse(stored?.core ?? '') as { readonly accounts: readonly object[] };
    store.commit({
      core: JSON.stringify({ ...core, ...account, version: 2 }),
      candles: new Map(),
      orders: new Map(),
      events: [],
    });
    const next = new TwoVenues({ venues: {} }, store);
    expect([next.venue.account.ledger.cash, next.venue.markets.get(A)?.position.lots]).toEqual([
      world.venue.account.ledger.cash,
      100,
    ]);
  });
});
