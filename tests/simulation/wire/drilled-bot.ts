import { createBot } from '#di/create-bot.js';
import type { PerpsBot } from '#di/bot.js';
import type { InstrumentSpec } from '#src/domain/instrument.js';
import { HostClock } from '#src/ports/configuration/clock.js';
import { Logger, type LogFields } from '#src/ports/configuration/logger.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import type { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import type { MarketEvent } from '#src/ports/venue/market-event.js';
import type { FaultTerms } from '#src/wire/binance-usdm/faults/wire-fault-plan.js';
import { testConfig } from '../../support/config.js';
import { UsdmScene } from '../../unit/venues/binance-usdm/usdm-scene.js';
import { inAndOut } from './in-and-out.js';

const SYMBOL = 'BTCUSDT';

class TimedLogger extends RecordingLogger {
  readonly warnedAt: number[] = [];

  constructor(private readonly now: () => number) {
    super();
  }

  override warn(message: string, fields?: LogFields): void {
    if (message.startsWith('The market')) this.warnedAt.push(this.now());
    super.warn(message, fields);
  }
}

/** A whole bot on paper that follows the market of a server, and trades: all of it on time that a test moves. */
export class DrilledBot extends UsdmScene {
  readonly log = new TimedLogger(() => this.clock.now());
  bot: PerpsBot = undefined as unknown as PerpsBot;
  /** What the adapter told of trades, in order. */
  readonly toldTrades: MarketEvent[] = [];

  async begin(faults?: FaultTerms): Promise<this> {
    await this.serve(faults);
    const { market, clock, scheduler } = this;
    const [open, openBook] = [market.openTrades.bind(market), market.openBook.bind(market)];
    market.openBook = (symbols, depth, sink, signal) =>
      openBook(
        symbols,
        depth,
        (event) => {
          this.sink(event);
          sink(event);
        },
        signal,
      );
    market.openTrades = (symbols, sink, signal) =>
      open(
        symbols,
        (event) => {
          this.toldTrades.push(event);
          sink(event);
        },
        signal,
      );
    const specs = await this.within(market.listProducts());
    const spec = specs.find(({ symbol }) => symbol === SYMBOL) as InstrumentSpec;
    this.bot = createBot({
      config: testConfig({
        symbols: [SYMBOL],
        instruments: { [SYMBOL]: spec },
        strategy: { name: inAndOut.name, enableShorts: true },
        simulation: { speed: 1, startPrices: {} },
        streaming: { reconnectMaxMs: 5_000 },
      }),
      market,
      strategies: [inAndOut],
      overrides: (container) => {
        container.rebind(HostClock).toConstantValue({ wall: () => clock.now(), monotonic: () => clock.now() });
        container.rebind(HostScheduler).toConstantValue(scheduler);
        container.rebind(Logger).toConstantValue(this.log);
      },
    });
    await this.within(this.bot.start(), 120_000);
    return this;
  }

  get exchange(): DeterministicExchange {
    return this.bot.container.get(SimulatedVenue) as DeterministicExchange;
  }

  /** Instants at which it was said that something of the market is not heard. */
  get warnedAt(): readonly number[] {
    return this.log.warnedAt;
  }

  get outages(): number {
    return this.log.at('warn').filter((message) => message.startsWith('The market is not heard')).length;
  }

  async end(): Promise<void> {
    await this.within(this.bot.stop(), 120_000);
  }
}
