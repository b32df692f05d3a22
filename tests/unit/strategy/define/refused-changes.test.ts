import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bars, runStrategy, testBot, type TestBot } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { defineStrategy, limit, type BarContext, type EntryOrder } from '#src/services/strategy/define/index.js';
import { FakeBroker } from '#src/testing/fake-broker.js';

const PERP = 'BTC-PERP';
const why = 'the test says so';

/** Asks for one after the other, one a bar, while it has no position. */
function asks(orders: readonly EntryOrder[], told: string[] = [], timeframe?: '1h'): StrategyDefinition {
  let bar = 0;
  return defineStrategy({
    name: 'asks-again',
    ...(timeframe === undefined ? {} : { timeframe }),
    onBar({ long, position }: BarContext<unknown>) {
      const order = orders[bar];
      bar += 1;
      if (order !== undefined && position.isFlat) long(order);
    },
    onOrder: ({ update: { ticket, cause, reason } }) =>
      void told.push(`${ticket.tag} ${cause}${cause === 'amend_refused' ? ` ${reason ?? ''}` : ''}`),
  });
}

let bot: TestBot | undefined;
afterEach(async () => {
  await bot?.stop();
  bot = undefined;
});

describe('a change of an entry that the venue refuses', () => {
  const NEAR: EntryOrder = { why, quantity: 0.01, entry: limit(48_000), stop: 45_000 };
  const FAR: EntryOrder = { why, quantity: 0.01, entry: limit(47_000), stop: 40_000 };
  const begun = async (told: string[], orders = [NEAR, FAR]): Promise<FakeBroker> => {
    const broker = new FakeBroker({ capabilities: { amend: 'in_place', amendTriggers: true } });
    bot = await testBot({ strategies: [asks(orders, told)], broker }).open();
    await bot.cycle({ [PERP]: 50_000 });
    return broker;
  };
  const stopsOf = (broker: FakeBroker): readonly (string | undefined)[] =>
    broker.placed.flatMap(({ type, stop, instrument }) =>
      type === 'stop_market' && stop !== undefined ? [instrument.priceText(stop)] : [],
    );

  it('leaves what it fills to under the old stop, and the strategy is told', async () => {
    const told: string[] = [];
    const broker = await begun(told);
    const entry = broker.lastPlaced;
    broker.next('amendOrder', { reply: () => ({ outcome: 'rejected', reason: 'other', message: 'no', at: 0 }) });
    await bot?.cycles(2);
    expect(told).toContainEqual(expect.stringMatching(/^entry.long amend_refused other/));
    broker.fill(entry);
    await bot?.cycles(2);
    expect(stopsOf(broker)).toEqual(['45000']);
  });

  it('is forgotten with the next one that is made', async () => {
    const told: string[] = [];
    const middle: EntryOrder = { why, quantity: 0.01, entry: limit(47_500), stop: 43_000 };
    const broker = await begun(told, [NEAR, FAR, middle]);
    const entry = broker.lastPlaced;
    broker.next('amendOrder', { reply: () => ({ outcome: 'rejected', reason: 'other', message: 'no', at: 0 }) });
    await bot?.cycles(3);
    expect(told.filter((line) => line.includes('amend')).map((line) => line.split(' ')[1])).toEqual([
      'amend_refused',
      'amended',
    ]);
    broker.fill(entry);
    await bot?.cycles(2);
    expect(stopsOf(broker)).toEqual(['43000']);
  });

  it('leaves the position under the old stop where the entry has filled before the change was read', async () => {
    const at = (price: number, stop: number): EntryOrder => ({ why, quantity: 10, entry: limit(price), stop });
    const told: string[] = [];
    const run = await runStrategy(asks([at(99, 90), at(98, 70)], told, '1h'), {
      bars: bars.closes('1h', [100, 100, 100, 100, 100, 100]),
      instrument: { tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) },
      faults: [{ when: { order: 'entry', is: 'sent' }, fault: 'race' }],
    });
    expect(run.unused).toEqual([]);
    expect(run.fillLines).toEqual([expect.stringMatching(/^entry buy 10 @99/)]);
    expect(told.some((line) => line.startsWith('entry.long amend_refused '))).toBe(true);
    const stands = run.orders.filter(({ role }) => role === 'stop').at(-1);
    expect(stands?.stop).toBe(90);
  });
});
