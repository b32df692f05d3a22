import { Decimal } from '#src/domain/decimal.js';
import type { Instrument } from '#src/domain/instrument.js';
import { OrderRequest } from '#src/domain/order.js';
import { HOUR_MS } from '#src/domain/time-spans.js';
import { lots } from '#src/domain/units.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { LiveMarketDriver } from '#src/venues/simulated/brokerage/live-market-driver.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import type { FaultTerms } from '#src/wire/binance-usdm/faults/wire-fault-plan.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { level, NOW } from '../wire/binance-usdm/scene.js';
import { UsdmScene } from './binance-usdm/usdm-scene.js';

/** The exchange inside on the market that a server of the venue's protocol serves. */
export class Followed extends UsdmScene {
  readonly log = new RecordingLogger();
  venue: DeterministicExchange = undefined as unknown as DeterministicExchange;
  driver: LiveMarketDriver = undefined as unknown as LiveMarketDriver;
  private orders = 0;

  async follow(faults?: FaultTerms): Promise<this> {
    await this.serve(faults);
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
    this.driver = new LiveMarketDriver(
      this.venue,
      this.market,
      config,
      this.clock,
      this.scheduler,
      this.log,
      new SeededRandom(),
    );
    this.driver.start();
    await this.scheduler.advance(1_000);
    return this;
  }

  /** Best prices, sizes in lots, mark and index; in words where no quote stands. */
  get inside() {
    const market = this.venue.markets.get('BTCUSDT');
    if (market === undefined) throw new Error('There is no such market.');
    const { instrument, bid, ask, bidLots, askLots, quoted, mark, index } = market;
    const price = (value: number): string => instrument.price(value as never).toString();
    return quoted
      ? {
          bid: price(bid),
          ask: price(ask),
          sizes: [bidLots, askLots] as const,
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
