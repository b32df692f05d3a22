import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { testBot, type TestBot } from 'perpsbot/testing';
import { RiskManager } from '#src/ports/core-services/risk-manager.js';
import { LastDecisions } from '#src/ports/runtime-state/runtime-state.js';
import { StrategyHost } from '#src/ports/strategy/strategy-host.js';
import { defineStrategy, limit, type BarContext } from '#src/services/strategy/define/index.js';
import { FakeBroker } from '#src/testing/fake-broker.js';

const PERP = 'BTC-PERP';

let bot: TestBot;
afterEach(() => bot.stop());

/** Enters on its first bar, with a time stop; then does as the test says. */
const strategyOf = (then: (context: BarContext<object>) => void) =>
  defineStrategy({
    name: 'timed',
    params: {},
    setup: () => ({}),
    onBar(context: BarContext<object>) {
      const { bar, position, long } = context;
      if (position.isFlat && position.entries === 0 && bar.close === 50_000)
        long({ why: 'in', fraction: '10%', stop: bar.close * 0.9, timeStop: '6 bars' });
      else then(context);
    },
  });

async function holding(then: (context: BarContext<object>) => void): Promise<FakeBroker> {
  const broker = new FakeBroker();
  bot = testBot({ broker, strategies: [strategyOf(then)] });
  // Every gate is asked by itself.
  Object.assign(bot.get(RiskManager), { watch: undefined });
  await bot.open();
  await bot.cycle({ [PERP]: 50_000 });
  broker.fill(broker.lastPlaced);
  await bot.cycle({ [PERP]: 50_100 });
  return broker;
}

/** Ways out at market, and what became of each. */
const exits = (broker: FakeBroker): readonly unknown[] =>
  broker.placed
    .filter(({ stop, reduceOnly }) => stop === undefined && reduceOnly)
    .map(({ clientId }) => broker.account.orders.get(clientId)?.report.status ?? 'refused');

describe('a position that is to be left when its time is over', () => {
  it('is left while a gate keeps its strategy from being asked', async () => {
    const asked: number[] = [];
    const broker = await holding(({ bar }) => void asked.push(bar.at));
    Object.assign(bot.get(RiskManager), {
      checkMarkStaleness: () => {
        throw new Error('broken');
      },
    });
    const before = asked.length;
    await bot.cycles(8);
    expect([asked.length, bot.get(LastDecisions).find(PERP)?.decision.reason]).toEqual([
      before,
      'A risk check failed to run',
    ]);
    expect(exits(broker)).toEqual(['open']);
  });

  it('is left in the end where the venue has refused the first order, and each refusal is told', async () => {
    const broker = await holding(() => undefined);
    broker.next('placeOrder', { refuse: 'other', message: 'not now' });
    await bot.cycles(8);
    expect(exits(broker)[0]).toBe('refused');
    expect(exits(broker).length).toBeGreaterThan(1);
    expect(exits(broker).slice(1)).toContain('open');
  });

  it('is left once where it is asked at every step', async () => {
    const broker = await holding(() => undefined);
    await bot.cycles(8);
    expect(exits(broker)).toEqual(['open']);
  });
});

describe('a suspended strategy', () => {
  const failing = ({ position }: BarContext<object>): void => {
    if (!position.isFlat) throw new Error('no idea');
  };

  it('leaves when the time of its position is over, and says meanwhile that its handlers decide nothing', async () => {
    const broker = await holding(failing);
    await bot.cycles(3);
    expect(bot.get(StrategyHost).suspended?.()).toHaveLength(1);
    expect(bot.get(LastDecisions).find(PERP)?.decision.reason).toMatch(/^Suspended: stop, targets and time stop go on/);
    await bot.cycles(4);
    expect(exits(broker)).toHaveLength(1);
    broker.fill(broker.lastPlaced);
    await bot.cycles(2);
    expect(bot.get(LastDecisions).find(PERP)?.decision.reason).toBe('Suspended: nothing is entered');
  });
});

describe('an order that rests for a share, and one that adds', () => {
  it.each([
    [
      'reduce',
      (c: BarContext<object>) => c.reduce({ why: 'some', share: '50%', entry: limit(60_000, { timeout: '2 bars' }) }),
    ],
    [
      'add',
      (c: BarContext<object>) => c.add({ why: 'more', quantity: 0.001, entry: limit(45_500, { timeout: '2 bars' }) }),
    ],
  ] as const)('ends when its time is over: %s', async (verb, ask) => {
    let asked = 0;
    const broker = await holding((context) => {
      if ((asked += 1) === 1) ask(context);
    });
    await bot.cycle();
    const order = broker.placed.find(({ type, timeInForce }) => type === 'limit' && timeInForce === 'GTC');
    expect([verb, order?.limit !== undefined]).toEqual([verb, true]);
    expect(broker.account.isOpen(order?.clientId ?? '')).toBe(true);
    await bot.cycles(3);
    expect(broker.account.isOpen(order?.clientId ?? '')).toBe(false);
  });
});
