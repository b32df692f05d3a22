import type { BotContainer } from '#di/container.js';
import { swap } from '#di/testing/swap.js';
import { TestBot } from '#di/testing/test-bot.js';
import { Decimal } from '#src/domain/decimal.js';
import type { BookEvent, MarketEvent } from '#src/ports/venue/market-event.js';
import { MarketMonitor } from '#src/ports/market-services/market-monitor.js';
import type { StreamingSettings } from '#src/ports/configuration/settings/streaming-settings.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import type { FakeStream } from '#src/testing/fake-stream.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { testConfig } from '../support/config.js';

export interface RigOptions {
  readonly symbols?: readonly string[];
  readonly streaming?: Partial<StreamingSettings>;
  readonly broker?: FakeBroker;
  readonly overrides?: (container: BotContainer) => void;
}

/** A bot in production wiring on a scripted venue that lists the given symbols. */
export class Rig extends TestBot {
  /** What the market monitor was told, `symbol source`. */
  readonly monitored: readonly string[];

  constructor({ symbols = ['BTC-PERP'], streaming = {}, broker = new FakeBroker(), overrides }: RigOptions = {}) {
    const monitored: string[] = [];
    broker.products = symbols.map((symbol) => instrumentSpec({ symbol }));
    super({
      broker,
      config: testConfig({
        symbols,
        streaming: { journalSampleMs: 0, ...streaming },
        instruments: Object.fromEntries(broker.products.map((spec) => [spec.symbol, spec])),
      }),
      overrides: (container) => {
        swap(container, MarketMonitor, {
          recordUpdate: (symbol, source) => void monitored.push(`${symbol} ${source}`),
          recordFailure: () => undefined,
          checkStaleness: () => [],
          shouldFallBackToPolling: () => false,
          setSymbols: () => undefined,
        });
        overrides?.(container);
      },
    });
    this.monitored = monitored;
  }

  /** The newest book stream. */
  stream(): FakeStream<MarketEvent> {
    return this.broker.bookStreams.at(-1) as FakeStream<MarketEvent>;
  }

  /** Marks of a window as the bot shows it, oldest first. */
  readonly marks = (symbol: string): number[] => {
    const window = this.bot.markWindows.get(symbol);
    return window === undefined
      ? []
      : Array.from({ length: window.length }, (_unused, index) =>
          window.instrument.markPrice(window.at(window.length - 1 - index)).toNumber(),
        );
  };

  /** Sets the quote that polling will find, of this instant. */
  quote(symbol: string, price: number): void {
    this.broker.quotes.set(symbol, { symbol, last: new Decimal(price), at: this.clock.now() });
  }

  /** A streamed book of this instant; with one price alone it tells the last trade. */
  book(symbol: string, price: number, ask?: number, at = this.clock.now()): BookEvent {
    const size = new Decimal(1);
    const prices =
      ask === undefined || ask === price
        ? { last: new Decimal(price) }
        : { bid: { price: new Decimal(price), size }, ask: { price: new Decimal(ask), size } };
    return { kind: 'book', symbol, ...prices, at };
  }
}

/** Not opened. */
export const rig = (options: RigOptions = {}): Rig => new Rig(options);

/** The same, opened, with its stream open where there is one. */
export const openRig = (options: RigOptions = {}): Promise<Rig> => rig(options).open();
