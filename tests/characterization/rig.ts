import type { BotContainer } from '#di/container.js';
import { Decimal } from '#src/domain/decimal.js';
import type { BookEvent } from '#src/ports/venue/market-event.js';
import { MarketMonitor } from '#src/ports/market-services/market-monitor.js';
import type { StreamingSettings } from '#src/ports/configuration/settings/streaming-settings.js';
import { swap, testBot, type TestBot } from '../support/bot.js';
import { testConfig } from '../support/config.js';
import { FakeBroker, type FakeStream } from '../support/fake-broker.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { settled } from '#src/testing/settled.js';

export interface Rig extends TestBot {
  /** What the market monitor was told, `symbol source`. */
  readonly monitored: string[];
  /** The newest book stream. */
  stream(): FakeStream;
  /** Marks of a window as the bot shows it, oldest first. */
  marks(symbol: string): number[];
  /** Sets the quote that polling will find, of this instant. */
  quote(symbol: string, price: number): void;
  /** A streamed book of this instant. */
  book(symbol: string, bid: number, ask?: number, at?: number): BookEvent;
}

export interface RigOptions {
  readonly symbols?: readonly string[];
  readonly streaming?: Partial<StreamingSettings>;
  readonly broker?: FakeBroker;
  readonly overrides?: (container: BotContainer) => void;
}

/** A bot in production wiring on a scripted venue that lists the given symbols; not opened. */
export function rig({
  symbols = ['BTC-PERP'],
  streaming = {},
  broker = new FakeBroker(),
  overrides,
}: RigOptions = {}): Rig {
  const monitored: string[] = [];
  broker.products = symbols.map((symbol) => instrumentSpec({ symbol }));
  const made = testBot({
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
  return {
    ...made,
    monitored,
    stream: () => broker.bookStreams.at(-1) as FakeStream,
    marks: (symbol) => {
      const window = made.bot.markWindows.get(symbol);
      return window === undefined
        ? []
        : Array.from({ length: window.length }, (_unused, index) =>
            window.instrument.markPrice(window.at(window.length - 1 - index)).toNumber(),
          );
    },
    quote: (symbol, price) =>
      void broker.quotes.set(symbol, { symbol, last: new Decimal(price), at: made.clock.now() }),
    book: (symbol, bid, ask = bid, at = made.clock.now()) => {
      const size = new Decimal(1);
      return {
        kind: 'book',
        symbol,
        bid: { price: new Decimal(bid), size },
        ask: { price: new Decimal(ask), size },
        at,
      };
    },
  };
}

/** The same, opened, with its stream open where there is one. */
export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const made = rig(options);
  await made.bot.open();
  await settled();
  return made;
}
