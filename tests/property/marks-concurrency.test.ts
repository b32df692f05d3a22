import 'reflect-metadata';
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { MarketEvent } from '#src/ports/venue/market-event.js';
import type { FakeStream } from '#src/testing/fake-stream.js';
import { settled } from '#src/testing/settled.js';
import { streamParts } from '../unit/streaming/stream-parts.js';

const SYMBOLS = ['BTC-PERP', 'ETH-PERP', 'SOL-PERP'];

/** How many turns of the event loop a quote takes, and how many stream marks arrive meanwhile. */
const plan = fc.record({
  polls: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 }),
  bursts: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 8 }),
});

describe('concurrent marks', () => {
  it('lose nothing, duplicate nothing and never exceed the window, when polls and stream bursts interleave', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ polls, bursts }) => {
        const parts = await streamParts(SYMBOLS);
        let price = 0;
        const entered = new Map<string, string[]>(SYMBOLS.map((symbol) => [symbol, []]));
        const next = (symbol: string): string => {
          const text = String((price += 1));
          entered.get(symbol)!.push(text);
          return text;
        };
        let request = 0;
        parts.broker.getQuote = async (symbol) => {
          const turns = polls[(request += 1) % polls.length] as number;
          for (let i = 0; i < turns; i += 1) await Promise.resolve();
          return { symbol, last: new Decimal(next(symbol)) };
        };
        parts.streaming.open();
        await settled();
        const stream = parts.broker.bookStreams[0] as FakeStream<MarketEvent>;
        const burst = async (size: number): Promise<void> => {
          for (let i = 0; i < size; i += 1) {
            const symbol = SYMBOLS[(size + i) % SYMBOLS.length] as string;
            stream.push(parts.trade(next(symbol), symbol));
            expect(parts.lock.depth).toBe(0);
            if (i % 2 === 1) await Promise.resolve();
          }
        };

        await Promise.all([...polls.map(() => parts.marketData.updateMarks()), ...bursts.map(burst)]);
        await parts.streaming.close();

        for (const symbol of SYMBOLS) {
          const window = parts.windows.find(symbol)!;
          const all = entered.get(symbol)!;
          expect(window.count).toBe(all.length);
          expect(window.length).toBe(Math.min(25, all.length));
          expect([...parts.windows.read(symbol).map(Number)].sort((a, b) => a - b)).toHaveLength(
            new Set(parts.windows.read(symbol).map(String)).size,
          );
          expect(parts.windows.read(symbol).every((mark) => all.includes(mark.toString()))).toBe(true);
        }
        expect(parts.portfolio.marks).toHaveLength(price);
        expect(parts.lock.depth).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
