import { Decimal } from '#src/domain/decimal.js';
import type { BookEvent, MarketEvent, TradeEvent } from '#src/ports/venue/market-event.js';
import type { Random } from '#src/ports/configuration/random.js';
import { UNLIMITED } from '#src/flow/unlimited-requests.js';
import { StreamingService } from '#src/services/streaming/streaming-service.js';
import type { FakeStream } from '#src/testing/fake-stream.js';
import { settled } from '#src/testing/settled.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { marketParts } from '../../support/market-parts.js';
import type { testConfig } from '../../support/config.js';

const d = (text: string): Decimal => new Decimal(text);

/** Takes no jitter off: pauses are exactly the doubled ones. */
const steady: Random = {
  stream: () => ({ next: () => 0, normal: () => 0, state: () => [], restore: () => undefined }),
};

/** A streaming service on real market data and a scripted venue. */
export async function streamParts(
  symbols: readonly string[] = ['BTC-PERP'],
  overrides: Parameters<typeof testConfig>[0] = {},
) {
  const parts = await marketParts(symbols, overrides);
  const { scheduler } = parts.broker;
  const events = new FakeEventStore(() => parts.clock.now());
  const { config, broker, marketData, catalogue, monitor, clock, logger } = parts;
  const unnamed: { missing: readonly string[] } = { missing: [] };
  Object.defineProperty(catalogue, 'missing', { get: () => unnamed.missing });
  const streaming = new StreamingService(
    config,
    broker,
    marketData,
    catalogue,
    events,
    monitor,
    scheduler,
    steady,
    clock,
    logger,
    UNLIMITED,
  );
  const marksOf = (symbol = 'BTC-PERP'): string[] => parts.windows.read(symbol).map(String);
  const opened = async (): Promise<FakeStream<MarketEvent>> => {
    await settled();
    return (broker.bookStreams.at(-1) ?? broker.tradeStreams.at(-1))!;
  };
  const book = (bid: string | undefined, ask: string | undefined, last?: string, symbol = 'BTC-PERP'): BookEvent => ({
    kind: 'book',
    symbol,
    ...(bid === undefined ? {} : { bid: { price: d(bid), size: d('1') } }),
    ...(ask === undefined ? {} : { ask: { price: d(ask), size: d('1') } }),
    ...(last === undefined ? {} : { last: d(last) }),
    at: clock.now(),
  });
  const trade = (price: string, symbol = 'BTC-PERP'): TradeEvent => ({
    kind: 'trade',
    symbol,
    price: d(price),
    size: d('1'),
    at: clock.now(),
  });
  return { ...parts, scheduler, events, unnamed, streaming, marksOf, opened, book, trade };
}
