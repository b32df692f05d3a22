import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { hold, type Decision } from '#src/domain/decision.js';
import { lots } from '#src/domain/units.js';
import { venueOrderId } from '#src/domain/order.js';
import { OrderLog } from '#src/ports/core-services/execution.js';
import { StrategyDefinition, type Strategy } from '#src/ports/core-services/strategy.js';
import { WindowStore } from '#src/ports/runtime-state/window-store.js';
import { Streaming } from '#src/ports/streaming/streaming.js';
import { testBot, type TestBot } from 'perpsbot/testing';
import { testConfig } from '../support/config.js';
import { settled } from '#src/testing/settled.js';

const SYMBOL = 'BTC-PERP';
const { stackTraceLimit } = Error;
let made: TestBot;

beforeEach(() => {
  Error.stackTraceLimit = 200;
});
afterEach(async () => {
  Error.stackTraceLimit = stackTraceLimit;
  await made.bot.stop();
});

/** Files of the services on the stack, outermost first; a file counts once where it calls itself. */
function files(stack = new Error().stack ?? ''): string[] {
  const found = [...stack.matchAll(/\/(src\/services\/[\w/-]+\.ts):\d+/g)].map((match) => match[1] as string).reverse();
  return found.filter((file, index) => file !== found[index - 1]);
}

/** Two pieces of one way, the second begun where the first handed over; what both name at the joint counts once. */
const joined = (first: readonly string[], second: readonly string[]): string[] =>
  [...first, ...second].filter((file, index, all) => file !== all[index - 1]);

interface Recorded {
  mark: string[];
  decided: string[];
  ordered: string[];
  sent: string[];
}

/** A bot whose only strategy buys once; its stacks are recorded where it reads, decides, orders and sends. */
function recorded(risk: object, streaming: boolean): Recorded {
  const stacks: Recorded = { mark: [], decided: [], ordered: [], sent: [] };
  const bought: Decision = { action: 'buy', reason: 'once', quantity: lots(5) };
  const strategy: Strategy = {
    name: 'once',
    lookback: 1,
    needsSnapshot: false,
    decide: () => {
      if (stacks.decided.length > 0) return hold('bought');
      stacks.decided = files();
      return bought;
    },
    onFill: () => undefined,
    snapshot: () => undefined,
    restore: () => undefined,
  };
  made = testBot({
    config: testConfig({ risk, strategy: { name: 'once' }, streaming: { enabled: streaming } }),
    overrides: (container) => {
      container.bind(StrategyDefinition).toConstantValue({
        name: 'once',
        parameters: [],
        lookback: () => 1,
        create: () => strategy,
      });
      container.onActivation(WindowStore, (_context, store) => {
        const append = store.append.bind(store);
        store.append = (...args) => {
          if (stacks.mark.length === 0) stacks.mark = files();
          append(...args);
        };
        return store;
      });
      container.onActivation(OrderLog, (_context, log) => {
        const reserve = log.reserve.bind(log);
        log.reserve = (order) => {
          stacks.ordered = files();
          reserve(order);
        };
        return log;
      });
    },
  });
  made.broker.always('placeOrder', {
    reply: () => {
      stacks.sent = files();
      return { outcome: 'accepted', venueId: venueOrderId('v1'), at: 0 };
    },
  });
  made.broker.quotes.set(SYMBOL, { symbol: SYMBOL, last: new Decimal('50000'), at: made.clock.now() });
  return stacks;
}

/** What the coordinator was called by is not its way. */
const fromCoordinator = (way: readonly string[]): string[] =>
  way.slice(way.findIndex((file) => file.includes('/execution/coordinator/')));

describe('the way of an order', () => {
  for (const [engine, risk] of [
    ['live', {}],
    ['advanced', { dynamicPositionSizing: true }],
  ] as const) {
    it(`has at most five files of the services, each entered once: the ${engine} engine`, async () => {
      const stacks = recorded(risk, false);
      await made.bot.open();
      await made.bot.runCycle();
      await settled();
      expect(made.broker.placed).toHaveLength(1);
      const way = joined(fromCoordinator(stacks.ordered), stacks.sent);
      expect(way[0]).toBe('src/services/execution/coordinator/execution-coordinator-service.ts');
      expect(way.at(-1)).toBe('src/services/execution/gateway/order-sender.ts');
      expect(way).toContain(`src/services/execution/engine/${engine}-execution-engine.ts`);
      expect([...new Set(way)]).toEqual(way);
      expect(way.length).toBeLessThanOrEqual(5);
    });
  }
});

describe('the way from a quote to a decision', () => {
  it('has at most six files of the services, each entered once: a quote that was polled', async () => {
    const stacks = recorded({}, false);
    await made.bot.open();
    stacks.mark = [];
    await made.bot.updateMarks();
    await made.bot.runCycle();
    const way = joined(stacks.mark, stacks.decided);
    expect(way[0]).toBe('src/services/market-data/market-data-service.ts');
    expect(way.at(-1)).toBe('src/services/strategy/strategy-orchestrator-service.ts');
    expect([...new Set(way)]).toEqual(way);
    expect(way.length).toBeLessThanOrEqual(6);
  });

  it('has at most six files of the services, each entered once: a quote that was streamed', async () => {
    const stacks = recorded({}, true);
    await made.bot.open();
    await made.get(Streaming).start();
    await settled();
    const [stream] = made.broker.bookStreams;
    stacks.mark = [];
    const level = (price: string): { price: Decimal; size: Decimal } => ({
      price: new Decimal(price),
      size: new Decimal(1),
    });
    stream?.push({ kind: 'book', symbol: SYMBOL, bid: level('49999'), ask: level('50001'), at: made.clock.now() });
    expect(stacks.mark[0]).toMatch(/^src\/services\/streaming\//);
    await made.bot.runCycle();
    const way = joined(stacks.mark, stacks.decided);
    expect([...new Set(way)]).toEqual(way);
    expect(way.length).toBeLessThanOrEqual(6);
  });
});
