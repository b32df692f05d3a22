import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BotContainer } from '#di/container.js';
import { Decimal } from '#src/domain/decimal.js';
import type { BookEvent } from '#src/ports/brokerage.js';
import { EventStore } from '#src/ports/event-store.js';
import { MarketMonitor } from '#src/ports/market-monitor.js';
import { MarkLock } from '#src/ports/mark-lock.js';
import { Streaming } from '#src/ports/streaming.js';
import { WindowStore } from '#src/ports/window-store.js';
import { swap, testBot, type TestBot } from '../support/bot.js';
import { testConfig } from '../support/config.js';
import { FakeBroker, type FakeStream } from '../support/fake-broker.js';
import { instrumentSpec } from '../support/instruments.js';
import { settled } from '../support/manual-scheduler.js';

let made: TestBot;
let monitored: string[];

interface Setting {
  readonly symbols?: readonly string[];
  readonly enabled?: boolean;
  readonly journalSampleMs?: number;
  readonly overrides?: (container: BotContainer) => void;
  readonly broker?: FakeBroker;
}

/** An open bot whose streams the test feeds. */
async function open({ symbols = ['BTC-PERP'], enabled = true, journalSampleMs = 0, overrides, broker = new FakeBroker() }: Setting = {}): Promise<void> {
  monitored = [];
  broker.products = symbols.map((symbol) => instrumentSpec({ symbol }));
  made = testBot({
    broker,
    config: testConfig({ symbols, instruments: Object.fromEntries(broker.products.map((spec) => [spec.symbol, spec])), streaming: { enabled, journalSampleMs } }),
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
  await made.bot.open();
  await settled();
}

function book(bid: string | number, ask = bid, overrides: Partial<BookEvent> = {}): BookEvent {
  const size = new Decimal(1);
  return { kind: 'book', symbol: 'BTC-PERP', bid: { price: new Decimal(bid), size }, ask: { price: new Decimal(ask), size }, at: made.clock.now(), ...overrides };
}

const stream = (): FakeStream => made.broker.bookStreams.at(-1) as FakeStream;
const marks = (symbol = 'BTC-PERP'): string[] => made.get(WindowStore).read(symbol).map(String);

afterEach(() => made.bot.stop());
