import 'reflect-metadata';
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { instrumentSpec, testBot } from 'perpsbot/testing';
import { swap } from '#di/testing/swap.js';
import { Decimal } from '#src/domain/decimal.js';
import { lots } from '#src/domain/units.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { StrategyHost } from '#src/ports/strategy/strategy-host.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const [SOUND, BROKEN] = ['BTC-PERP', 'ETH-PERP'] as const;
const HANDLERS = ['onStart', 'onStep', 'onMark', 'onGate'] as const;
type Handler = (typeof HANDLERS)[number];
type Harm = 'none' | 'throws' | 'storms';

/** Trades by its own count of steps, and remembers what it was told. */
function sound(tape: string[]): Partial<EventStrategy> {
  let step = 0;
  const ask = (desk: StrategyDesk, tag: string, side: 'buy' | 'sell', price?: number): void => {
    const instrument = desk.instrument(SOUND);
    const limit = price === undefined ? {} : { limit: instrument.toTicks(new Decimal(price), 'nearest') };
    const type = price === undefined ? 'market' : 'limit';
    const { status } = desk.place({
      ...{ instrument, side, type, lots: lots(10), role: 'entry', tag, why: 'the test says so', ...limit },
    });
    tape.push(`asks ${tag} at ${desk.now}: ${status}`);
  };
  return {
    onStep(desk) {
      step += 1;
      tape.push(`step ${desk.now} ${desk.gate.mode} ${desk.account(SOUND).lots}`);
      if (step % 4 === 1) ask(desk, `in.${step}`, 'buy');
      if (step % 4 === 2) ask(desk, `bid.${step}`, 'buy', 49_000 - step);
      if (step % 4 === 3) tape.push(`cancels ${desk.cancelAll({ symbol: SOUND }, 'enough')}`);
    },
    onOrder: ({ ticket, cause, at }) => void tape.push(`order ${ticket.tag} ${cause} ${at}`),
    onFill: (fill, ticket) => void tape.push(`fill ${ticket.tag} ${fill.lots} ${fill.at}`),
  };
}

/** Does harm to itself at the events of these numbers. */
function broken(harm: Harm, at: ReadonlySet<number>): Partial<EventStrategy> {
  let event = 0;
  const harmed = (desk: StrategyDesk): void => {
    event += 1;
    if (harm === 'none' || !at.has(event % 8)) return;
    if (harm === 'throws') throw new Error(`event ${event}`);
    const instrument = desk.instrument(BROKEN);
    const terms = { instrument, side: 'buy', type: 'market', lots: lots(1), role: 'entry', why: 'storm' } as const;
    for (let n = 0; n < 80; n += 1) desk.place({ ...terms, tag: 'no tag!' });
  };
  const deskAt = (name: Handler, given: readonly unknown[]): StrategyDesk =>
    given[name === 'onMark' || name === 'onGate' ? 1 : 0] as StrategyDesk;
  return Object.fromEntries(HANDLERS.map((name) => [name, (...given: unknown[]) => harmed(deskAt(name, given))]));
}

async function life(harm: Harm, at: ReadonlySet<number>, fills: readonly boolean[]) {
  const [broker, journal] = [
    new FakeBroker({ products: [BROKEN, SOUND].map((symbol) => instrumentSpec({ symbol })) }),
    new FakeEventStore(),
  ];
  const tape: string[] = [];
  const strategy = eventStrategy({
    name: 'two',
    parameters: [],
    create: (_settings, symbols) => ({
      ...{ name: 'two', needs: { symbols, timeframes: [] }, snapshot: () => undefined, restore: () => undefined },
      ...(symbols[0] === BROKEN ? broken(harm, at) : sound(tape)),
    }),
  });
  const bot = testBot({
    ...{ strategies: [strategy], broker, config: { symbols: [BROKEN, SOUND] } },
    overrides: (container) => swap(container, EventStore, journal),
  });
  await bot.open();
  try {
    for (const [index, fill] of fills.entries()) {
      await bot.cycle({ [SOUND]: 50_000 + index, [BROKEN]: 3_000 + index });
      const last = broker.placed.at(-1);
      if (fill && last?.limit !== undefined && index % 4 === 0) broker.fill(last);
      await bot.advance(0);
    }
    const sent = broker.placed.map(({ clientId, symbol, side, lots: size }) => [clientId, symbol, side, size]);
    const suspended = (bot.get(StrategyHost).suspended?.() ?? []).map(({ instance }) => instance);
    const asked = journal.payloads('strategy_intent').filter(({ symbol }) => symbol === SOUND);
    return { told: { tape, sent, asked }, suspended, faults: journal.payloads('strategy_fault').length };
  } finally {
    await bot.stop();
  }
}

describe('S-13: a strategy that throws, storms or is suspended', () => {
  it('costs others nothing: what they are told, ask and send is the same as beside one that is well', async () => {
    const seen = { faults: 0, suspended: 0, sent: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Harm>('throws', 'storms'),
        fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        async (harm, events, fills) => {
          const at = new Set(events);
          const beside = await life(harm, at, fills);
          const alone = await life('none', at, fills);
          expect(beside.told).toEqual(alone.told);
          expect(beside.suspended.filter((instance) => instance !== `two@${BROKEN}`)).toEqual([]);
          expect(alone.suspended).toEqual([]);
          seen.faults += beside.faults;
          seen.suspended += beside.suspended.length;
          seen.sent += beside.told.sent.length;
        },
      ),
      { numRuns: 30 },
    );
    expect(Math.min(seen.faults, seen.suspended, seen.sent)).toBeGreaterThan(0);
  }, 120_000);
});
