import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testBot, type TestBot } from 'perpsbot/testing';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderRequest } from '#src/domain/order.js';
import { protects } from '#src/domain/order-state.js';
import { lots } from '#src/domain/units.js';
import type { EventStrategy, StoppingChoice } from '#src/ports/strategy/event-strategy.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { defineStrategy, type BarContext } from '#src/services/strategy/define/index.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';
import { FakeBroker } from '#src/testing/fake-broker.js';

const PERP = 'BTC-PERP';

const definition = (handlers: Partial<EventStrategy>): Parameters<typeof testBot>[0] => ({
  strategies: [
    eventStrategy({
      name: 'goer',
      parameters: [],
      create: (_settings, symbols) => ({
        name: 'goer',
        needs: { symbols, timeframes: [] },
        snapshot: () => undefined,
        restore: () => undefined,
        ...handlers,
      }),
    }),
  ],
});

function ask(
  desk: StrategyDesk,
  tag: string,
  more: Partial<Omit<Intent, 'limit' | 'stop'>> & Prices = {},
): OrderTicket {
  const instrument = desk.instrument(PERP);
  const { limit: at, stop, ...terms } = more;
  return desk.place({
    ...{ instrument, side: 'buy', type: 'limit', lots: lots(10), role: 'entry', tag, why: 'test' },
    ...(at === undefined ? {} : { limit: instrument.toTicks(new Decimal(at), 'nearest') }),
    ...(stop === undefined ? {} : { stop: instrument.toTicks(new Decimal(stop), 'nearest') }),
    ...terms,
  });
}
type Prices = { readonly limit?: number; readonly stop?: number };

/** Long ten, with a stop, a rung and a bid that rest. */
const holding = (desk: StrategyDesk): void => {
  if (desk.find('in') === undefined) ask(desk, 'in', { type: 'market' });
  else if (desk.find('bid') === undefined) {
    const exit = { side: 'sell', reduceOnly: true } as const;
    ask(desk, 'cover', { ...exit, type: 'stop_market', role: 'stop', stop: 45_000 });
    ask(desk, 'rung', { ...exit, role: 'take_profit', limit: 55_000 });
    ask(desk, 'bid', { limit: 48_000 });
  }
};

async function held(
  handlers: Partial<EventStrategy>,
  config: object = {},
): Promise<{ bot: TestBot; broker: FakeBroker }> {
  const broker = new FakeBroker();
  const bot = await testBot({ ...definition({ onStep: holding, ...handlers }), broker, config }).open();
  await bot.cycle({ [PERP]: 50_000 });
  broker.fill(broker.lastPlaced);
  await bot.cycle();
  return { bot, broker };
}

const resting = async (broker: FakeBroker): Promise<string[]> =>
  (await broker.listOpenOrders(PERP)).map(({ type, side }) => `${side} ${type}`).sort();

describe('a strategy that goes down with its bot', () => {
  it.each<[StoppingChoice | undefined, string, readonly string[]]>([
    [undefined, 'protect', ['sell stop_market']],
    ['protect', 'protect', ['sell stop_market']],
    ['keep', 'protect', ['buy limit', 'sell limit', 'sell stop_market']],
    ['keep', 'cancel', []],
    ['protect', 'keep', ['buy limit', 'sell limit', 'sell stop_market']],
    ['flatten', 'keep', ['buy limit', 'sell limit', 'sell stop_market']],
  ])('as %s, with the bot on %s, leaves %j', async (onStopping, onShutdown, left) => {
    const more = onStopping === undefined ? {} : { onStopping };
    const { bot, broker } = await held(more, { execution: { onShutdown } });
    expect(await resting(broker)).toEqual(['buy limit', 'sell limit', 'sell stop_market']);
    await bot.stop();
    expect(await resting(broker)).toEqual(left);
    expect(broker.placed).toHaveLength(4);
  });

  it('as flatten closes at market, is told of it, and then takes its exits away', async () => {
    const told: string[] = [];
    const { bot, broker } = await held({
      onStopping: 'flatten',
      onFill: ({ side }) => void told.push(`fill ${side}`),
      onStop: (desk) => void told.push(`stop ${desk.book(PERP).lots}`),
    });
    broker.next('placeOrder', { fill: 'all' });
    await bot.stop();
    expect(broker.lastPlaced).toMatchObject({ side: 'sell', lots: 10, reduceOnly: true });
    expect(await resting(broker)).toEqual([]);
    expect(told).toEqual(['fill buy', 'fill sell', 'stop 0']);
  });

  it('as flatten that the venue does not fill gives up within the budget, and is left with its stop', async () => {
    const { bot, broker } = await held({ onStopping: 'flatten' }, { tasks: { stopBudget: '200ms' } });
    await bot.stop();
    expect(broker.lastPlaced).toMatchObject({ side: 'sell', lots: 10, reduceOnly: true });
    expect(await resting(broker)).toEqual(['sell stop_market']);
    expect(bot.logger.at('error').filter((line) => line.includes('could not be closed'))).toHaveLength(1);
  });

  it('of the short form says so in its definition', async () => {
    const broker = new FakeBroker();
    const short = defineStrategy({
      name: 'short',
      params: {},
      onStopping: 'flatten',
      setup: () => ({}),
      onBar({ bar, long, position }: BarContext<object>) {
        if (position.isFlat) long({ why: 'first', fraction: '10%', stop: bar.close * 0.9 });
      },
    });
    const bot = await testBot({ strategies: [short], broker }).open();
    broker.next('placeOrder', { fill: 'all' });
    await bot.cycle({ [PERP]: 50_000 });
    await bot.cycle();
    broker.next('placeOrder', { fill: 'all' });
    await bot.stop();
    expect(broker.placed.at(-1)).toMatchObject({ side: 'sell', reduceOnly: true, lots: broker.placed[0]?.lots });
    expect(await resting(broker)).toEqual([]);
  });
});

/** S-09: whatever is asked, and whenever the bot is stopped. */
describe('after onStop began', () => {
  it('nothing increases, and once it has returned nothing but cover leaves', async () => {
    const events = ['onBar', 'onStep', 'onMark', 'onOrder', 'onFill', 'onStop', 'later'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(...events),
        fc.constantFrom<StoppingChoice>('protect', 'flatten', 'keep'),
        async (cycles, when, onStopping) => {
          const broker = new FakeBroker();
          const config = { tasks: { stopBudget: '50ms' } };
          const answers: (string | undefined)[] = [];
          let desk: StrategyDesk | undefined;
          let isGoing = false;
          let n = 0;
          const greedy = (): void => {
            if (desk === undefined || !isGoing) return;
            n += 1;
            answers.push(ask(desk, `more/${n}`, { type: 'market' }).refusal?.check);
            const bid = desk.find('bid');
            if (bid?.isOpen === true) answers.push(refusalOf(desk.amend(bid, { lots: lots(99), why: 'more' })));
            if (when !== 'later') return;
            answers.push(ask(desk, `less/${n}`, { type: 'market', side: 'sell', reduceOnly: true }).refusal?.check);
            const cover = { type: 'stop_market', side: 'sell', role: 'stop', reduceOnly: true } as const;
            ask(desk, `cover/${n}`, { ...cover, stop: 44_000 });
          };
          const handlers = Object.fromEntries(
            events.map((name) => [
              name,
              (...args: unknown[]) => {
                desk = args.at(name === 'onStop' ? 0 : -1) as StrategyDesk;
                if (name === 'onStep') holding(desk);
                if (name === 'onStop') isGoing = true;
                if (name === when) greedy();
              },
            ]),
          );
          const bot = await testBot({ ...definition({ ...handlers, onStopping }), broker, config }).open();
          broker.next('placeOrder', { fill: 'all' });
          for (let cycle = 0; cycle < cycles; cycle += 1) await bot.cycle({ [PERP]: 50_000 + cycle });
          const before = broker.placed.length;
          const stopped = bot.stop();
          if (onStopping === 'flatten') await bot.advance(1_000);
          const during = broker.placed.length;
          await stopped;
          isGoing = true;
          if (when === 'later') greedy();
          await bot.advance(0);
          const sent = broker.placed.slice(before);
          expect(sent.filter((request) => !isLess(request))).toEqual([]);
          expect(broker.placed.slice(Math.max(before, during)).filter((request) => !protects(request))).toEqual([]);
          expect(answers.filter((check) => check !== 'stopping')).toEqual([]);
          if (when === 'onStop' || when === 'later') expect(answers.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});

const isLess = ({ reduceOnly }: OrderRequest): boolean => reduceOnly;
const refusalOf = (answer: ReturnType<StrategyDesk['amend']>): string | undefined =>
  answer.outcome === 'refused' ? answer.refusal.check : answer.outcome;
