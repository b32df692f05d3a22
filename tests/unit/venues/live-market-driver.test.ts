import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import { HOUR_MS } from '#src/domain/time-spans.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { LiveMarketDriver } from '#src/venues/simulated/brokerage/live-market-driver.js';
import { OrderRequest } from '#src/domain/order.js';
import { lots } from '#src/domain/units.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { level, NOW } from '../wire/binance-usdm/scene.js';
import { UsdmScene } from './binance-usdm/usdm-scene.js';

/** The exchange inside on the market that a server of the venue's protocol serves. */
class Followed extends UsdmScene {
  readonly log = new RecordingLogger();
  venue: DeterministicExchange = undefined as unknown as DeterministicExchange;
  driver: LiveMarketDriver = undefined as unknown as LiveMarketDriver;
  private orders = 0;

  async follow(): Promise<this> {
    await this.serve();
    this.btc.show([level('100.1', '2'), level('100', '1.5')], [level('100.3', '0.25'), level('100.4', '5')], NOW);
    this.btc.value(new Decimal('100.2'), new Decimal('100.15'), NOW);
    this.btc.funding(new Decimal('0.0001'), NOW + HOUR_MS);
    const specs = (await this.within(this.market.listProducts())).filter(({ symbol }) => symbol === 'BTCUSDT');
    const config = new FakeConfigController(
      testConfig({
        symbols: ['BTCUSDT'],
        instruments: Object.fromEntries(specs.map((spec) => [spec.symbol, spec])),
        simulation: { equity: new Decimal(10_000) },
        streaming: { reconnectMinMs: 5_000, reconnectMaxMs: 5_000 },
      }),
    );
    this.venue = new DeterministicExchange(config, new NoExchangeStore(), { readText: () => undefined });
    this.driver = new LiveMarketDriver(this.venue, this.market, config, this.clock, this.scheduler, this.log);
    this.driver.start();
    await this.scheduler.advance(1_000);
    return this;
  }

  get inside() {
    const market = this.venue.markets.get('BTCUSDT');
    if (market === undefined) throw new Error('There is no such market.');
    const { instrument, bid, ask, bidLots, askLots, quoted, mark, index } = market;
    const price = (value: number): string => instrument.price(value as never).toString();
    return quoted
      ? {
          bid: price(bid),
          ask: price(ask),
          sizes: [bidLots, askLots],
          mark: instrument.markPrice(mark).toString(),
          index: instrument.markPrice(index).toString(),
        }
      : 'no quote stands';
  }

  /** Bought at market, what of it was filled at once, and at what price on the average. */
  buy(size: number): readonly [filled: number, price: string] {
    const { instrument } = this.venue.markets.get('BTCUSDT') as { readonly instrument: Instrument };
    this.orders += 1;
    const clientId = `order-${this.orders}`;
    this.venue.submit(
      new OrderRequest({
        clientId,
        instrument,
        side: 'buy',
        type: 'market',
        lots: lots(size),
        timeInForce: 'IOC',
        postOnly: false,
        reduceOnly: false,
      }),
    );
    const fills = this.venue.fills.filter((fill) => fill.clientId === clientId);
    const filled = fills.reduce((sum, fill) => sum + fill.lots, 0);
    const paid = fills.reduce((sum, fill) => sum + fill.lots * fill.price, 0);
    return [filled, filled === 0 ? '-' : instrument.price((paid / filled) as never).toString()];
  }

  async end(): Promise<void> {
    const stopped = this.driver.stop();
    await this.within(stopped);
  }
}

describe("the exchange inside on a venue's own market", () => {
  let followed: Followed;
  beforeEach(async () => {
    followed = await new Followed().follow();
  });

  it('has its book, its mark and its index, and fills at its prices', async () => {
    expect(followed.inside).toEqual({
      bid: '100.1',
      ask: '100.3',
      sizes: [2_000, 250],
      mark: '100.2',
      index: '100.15',
    });
    expect(followed.buy(500)).toEqual([500, '100.35']);
    followed.btc.update([], [level('100.3', '0'), level('100.4', '0'), level('100.6', '3')], NOW + 1_000);
    await followed.scheduler.advance(100);
    expect(followed.inside).toMatchObject({ bid: '100.1', ask: '100.6' });
    await followed.end();
  });

  it('pays the funding that the venue names, at its stamps', async () => {
    followed.buy(250);
    await followed.scheduler.advance(HOUR_MS * 9);
    // 0.25 at 100.2 and a rate of one in ten thousand.
    expect(followed.venue.fundings.map(({ amount }) => Number(amount) / 1e8)).toEqual([-0.002505]);
    await followed.end();
  });

  it.each<readonly [string, number, (each: Followed) => void]>([
    ['the network is silent', 31_000, (each) => (each.network.outage = 'silent')],
    ['the depth is late', 200, (each) => (each.way = (text) => [text.replaceAll(/"T":\d+/g, `"T":${NOW - HOUR_MS}`)])],
    [
      'a message of the depth is missing, and no snapshot can be had',
      31_000,
      (each) => {
        each.answer = { status: 503, headers: {}, body: '' };
        each.way = (text) => (text.includes('"depthUpdate"') ? [text.replace(/"pu":\d+/, '"pu":1')] : [text]);
      },
    ],
  ])('fills nothing while %s, and goes on when that is over', async (_, afterMs, happen) => {
    followed.btc.update([level('99', '1')], [], NOW);
    await followed.scheduler.advance(200);
    happen(followed);
    followed.btc.update([level('100.2', '1')], [], NOW + 1_000);
    await followed.scheduler.advance(afterMs);
    expect(followed.inside).toBe('no quote stands');
    expect(followed.buy(100)[0]).toBe(0);
    followed.network.outage = undefined;
    followed.answer = undefined;
    followed.way = (text) => [text];
    await followed.scheduler.advance(120_000);
    followed.btc.update([level('100.2', '2')], [], followed.clock.now());
    await followed.scheduler.advance(1_000);
    expect(followed.inside).toMatchObject({ bid: '100.2', ask: '100.3' });
    expect(followed.log.at('warn').length).toBeGreaterThan(0);
    await followed.end();
  });

  it('ends in order, and leaves no timer of its own', async () => {
    await followed.end();
    await followed.scheduler.advance(HOUR_MS * 2);
    expect(followed.scheduler.pending).toBe(0);
  });
});
