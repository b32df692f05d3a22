import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { bars, runStrategy, type StrategyRun } from '#di/testing.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import type { OrderRole } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { testBot } from 'perpsbot/testing';
import { taped } from '#src/backtest/look-ahead/decision-tape.js';
import type { TapedDecision } from '#src/backtest/look-ahead/taped-decision.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';

const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 1);
const SYMBOL = 'TEST-PERP';

/** A strategy whose handlers stand in the test. */
const scripted = (handlers: Partial<EventStrategy>, timeframes: readonly number[] = [MINUTE]): StrategyDefinition =>
  eventStrategy({
    name: 'scripted',
    parameters: [],
    create: (_settings, symbols) => ({
      name: 'scripted',
      needs: { symbols, timeframes: timeframes.map((ms) => ({ ms, lookback: 1 })) },
      snapshot: () => undefined,
      restore: () => undefined,
      ...handlers,
    }),
  });

type Terms = Omit<Intent, 'instrument' | 'why' | 'lots' | 'limit' | 'stop'> & {
  readonly size: number;
  readonly limit?: number;
  readonly stop?: number;
};

/** In whole units of size and price: the grid of a test is one. */
const place = (desk: StrategyDesk, { size, limit, stop, ...terms }: Terms): OrderTicket =>
  desk.place({
    instrument: desk.instrument(SYMBOL),
    why: 'the test says so',
    lots: lots(size),
    ...(limit === undefined ? {} : { limit: ticks(limit) }),
    ...(stop === undefined ? {} : { stop: ticks(stop) }),
    ...terms,
  });

const GRID = { tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };

const over = (
  closes: readonly number[],
  handlers: Partial<EventStrategy>,
  timeframes?: readonly number[],
): Promise<StrategyRun> =>
  runStrategy(scripted(handlers, timeframes), { bars: bars.closes('1m', closes), instrument: GRID });

/** Calls once, at the bar of a number that counts from 1. */
const atBar = (at: number, act: (desk: StrategyDesk) => void): NonNullable<EventStrategy['onBar']> => {
  return (bar, desk) => {
    if ((bar.at - START) / MINUTE === at) act(desk);
  };
};

describe('a strategy by events', () => {
  it('reads in its book what the symbol has brought, and in one object what it holds', async () => {
    const seen: unknown[] = [];
    const books = new Set<unknown>();
    const run = await over([10, 10, 13, 13, 13], {
      onBar(bar, desk) {
        const book = desk.book(SYMBOL);
        books.add(book);
        seen.push([book.lots, book.net, book.openedAt === undefined]);
        if (bar.at - START === MINUTE) place(desk, { side: 'buy', type: 'market', size: 2, role: 'entry', tag: 'in' });
        else if (bar.at - START === 3 * MINUTE) desk.close(SYMBOL, { why: 'enough' });
      },
    });
    const { unitsPerTickLot } = run.fills[0]?.instrument ?? { unitsPerTickLot: 0 };
    expect(seen).toEqual([
      [0, 0, true],
      [2, 0, false],
      [2, 0, false],
      [0, 6 * unitsPerTickLot, true],
      [0, 6 * unitsPerTickLot, true],
    ]);
    expect(books.size).toBe(1);
  });

  it('is told of bars and of what comes of its orders, each after the other', async () => {
    const seen: string[] = [];
    let made: OrderTicket | undefined;
    await over([100, 101, 102], {
      onBar(bar, desk) {
        seen.push(`bar ${bar.close}`);
        made ??= place(desk, { side: 'buy', type: 'market', size: 3, role: 'entry', tag: 'in' });
      },
      onOrder: ({ ticket, cause, previous }) => void seen.push(`${ticket.tag} ${previous} ${cause}`),
      onFill: (fill, ticket) => void seen.push(`fill of ${ticket.tag} at ${fill.price}`),
      onStep: () => void seen.push('step'),
      onMark: ({ mark, instrument }) => void seen.push(`mark ${instrument.markPrice(mark).toString()}`),
    });
    expect(seen).toEqual([
      ...['bar 100', 'step', 'mark 100', 'in sending accepted', 'fill of in at 100', 'in open filled'],
      ...['bar 101', 'step', 'mark 101', 'bar 102', 'step', 'mark 102'],
    ]);
    expect(made).toMatchObject({ status: 'filled', averagePrice: 100, isDone: true, progress: 1, refusal: undefined });
    expect(made?.id).toBe('scripted@TEST-PERP/in/1');
  });

  it('sees the longer bars of an instant first, and both before anything it does on one', async () => {
    const seen: string[] = [];
    await over(
      [1, 2, 3, 4, 5, 6],
      {
        onBar: ({ timeframeMs, at, high }) =>
          void seen.push(`${timeframeMs / MINUTE}m ${(at - START) / MINUTE} ${high}`),
      },
      [MINUTE, 3 * MINUTE],
    );
    expect(seen).toEqual(['1m 1 1', '1m 2 2', '3m 3 3', '1m 3 3', '1m 4 4', '1m 5 5', '3m 6 6', '1m 6 6']);
  });

  it('rests a limit, is filled at its price, protects what has filled, and takes its orders back', async () => {
    const tickets: Record<string, OrderTicket> = {};
    const run = await over([100, 99, 95, 97, 90], {
      onBar: atBar(1, (desk) => {
        tickets['in'] = place(desk, { side: 'buy', type: 'limit', limit: 96, size: 5, role: 'entry', tag: 'in' });
        tickets['far'] = place(desk, { side: 'buy', type: 'limit', limit: 50, size: 1, role: 'entry', tag: 'far' });
      }),
      onFill(_fill, ticket, desk) {
        if (ticket.tag !== 'in') return;
        tickets['stop'] = place(desk, {
          ...{ side: 'sell', type: 'stop_market', stop: 92, size: 5, role: 'stop', tag: 'stop', reduceOnly: true },
        });
        tickets['far']?.cancel('one is enough');
      },
    });
    expect(run.orders.map(({ tag, status, side, size }) => `${tag} ${side} ${size} ${status}`)).toEqual([
      'in buy 5 filled',
      'far buy 1 cancelled',
      'stop sell 5 filled',
    ]);
    expect(run.fills.map(({ side, price }) => `${side} ${price}`)).toEqual(['buy 96', 'sell 92']);
    expect(tickets['far']?.status).toBe('cancelled');
  });

  it('closes the whole of a position whose targets still rest, one order at a time', async () => {
    const answers: (OrderTicket | undefined)[] = [];
    const run = await over([100, 100, 100, 100], {
      onBar(bar, desk) {
        const at = (bar.at - START) / MINUTE;
        if (at === 1) place(desk, { side: 'buy', type: 'market', size: 10, role: 'entry', tag: 'in' });
        if (at === 2) {
          const terms = { side: 'sell', type: 'limit', role: 'take_profit', reduceOnly: true } as const;
          place(desk, { ...terms, limit: 120, size: 6, tag: 'near' });
          place(desk, { ...terms, limit: 140, size: 4, tag: 'far' });
        }
        if (at === 3) answers.push(desk.close(SYMBOL, { why: 'enough' }), desk.close(SYMBOL, { why: 'enough' }));
      },
    });
    expect(run.fills.filter(({ side }) => side === 'sell').reduce((sum, { lots: size }) => sum + size, 0)).toBe(10);
    expect(run.orders.filter(({ tag }) => tag === 'near' || tag === 'far').map(({ status }) => status)).toEqual([
      'cancelled',
      'cancelled',
    ]);
    expect(answers[1]?.status === 'refused' || answers[1] === answers[0]).toBe(true);
  });

  it('S-11: refuses in hand, reserves and sends nothing, and tells no event of it', async () => {
    const refused: string[] = [];
    const seen: string[] = [];
    const run = await over([100, 100], {
      onBar: atBar(1, (desk) => {
        const terms = { side: 'buy', type: 'limit', limit: 90, size: 1, role: 'entry' } as const;
        const ask = (given: Partial<Terms>): void => {
          const { status, refusal } = place(desk, { ...terms, tag: 'a', ...given });
          refused.push(`${status} ${refusal?.check} ${refusal?.isTransient}`);
        };
        ask({ tag: 'no spaces' });
        ask({ tag: 'x'.repeat(41) });
        ask({ size: 0 });
        ask({ type: 'market', tag: 'huge', size: 1e9 });
        ask({ side: 'sell', type: 'market', tag: 'out', reduceOnly: true, role: 'exit' });
        place(desk, { ...terms, tag: 'a' });
        ask({});
        expect(desk.open().map(({ tag }) => tag)).toEqual(['a']);
      }),
      onOrder: ({ ticket }) => void seen.push(ticket.tag),
    });
    expect(refused.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'refused tag',
      'refused tag',
      expect.stringMatching(/^refused (order_terms|min_size)$/),
      expect.stringMatching(/^refused /),
      expect.stringMatching(/^refused /),
      'refused duplicate_tag',
    ]);
    expect(refused[0]).toMatch(/false$/);
    expect(refused[5]).toMatch(/true$/);
    expect(new Set(seen)).toEqual(new Set(['a']));
    expect(run.orders.map(({ tag }) => tag)).toEqual(['a']);
  });

  it('turns a storm of refused intents away, and lets what reduces through it', async () => {
    const checks: string[] = [];
    let out: OrderTicket | undefined;
    await over([100, 100, 100], {
      onBar(bar, desk) {
        if ((bar.at - START) / MINUTE === 1)
          place(desk, { side: 'buy', type: 'market', size: 2, role: 'entry', tag: 'in' });
        if ((bar.at - START) / MINUTE !== 2) return;
        for (let i = 0; i < 70; i += 1) {
          const ticket = place(desk, { side: 'buy', type: 'market', size: 1e9, role: 'entry', tag: `n${i}` });
          checks.push(ticket.refusal?.check ?? '');
        }
        out = desk.close(SYMBOL, { why: 'out' });
      },
    });
    expect(checks.indexOf('storm')).toBe(64);
    expect(out?.status).toBe('filled');
  });

  it('keeps a stop that protects alone, and lets it go beside one that protects as much', async () => {
    const asks: string[] = [];
    await over([100, 100, 100, 100], {
      onBar(bar, desk) {
        const at = (bar.at - START) / MINUTE;
        const stop = { side: 'sell', type: 'stop_market', size: 2, role: 'stop', reduceOnly: true } as const;
        if (at === 1) place(desk, { side: 'buy', type: 'market', size: 2, role: 'entry', tag: 'in' });
        if (at === 2) place(desk, { ...stop, stop: 80, tag: 'first' });
        if (at === 3) {
          asks.push(desk.find('first')?.cancel('no more') ?? '');
          place(desk, { ...stop, stop: 85, tag: 'second' });
        }
        if (at === 4) asks.push(desk.find('first')?.cancel('no more') ?? '', desk.find('in')?.cancel('no more') ?? '');
      },
    });
    expect(asks).toEqual(['protects', 'asked', 'not_open']);
  });

  it('has its timers called at their own instants, also between bars, and once for what was missed', async () => {
    const seen: string[] = [];
    await over([1, 2, 3], {
      onStart: (desk) => desk.setTimer('every', 25_000, true),
      onBar: atBar(1, (desk) => desk.setTimer('once', 90_000)),
      onTimer: ({ name, at, dueAt, missed }) =>
        void seen.push(`${name} ${(dueAt - START) / 1000} ${(at - dueAt) / 1000} ${missed}`),
    });
    const everies = seen.filter((line) => line.startsWith('every'));
    expect(seen).toContain('once 150 0 0');
    expect(everies.slice(-3)).toEqual(['every 125 0 0', 'every 150 0 0', 'every 175 0 0']);
    expect(() => void 0).not.toThrow();
  });

  it('goes on after a handler has thrown, and the run says so', async () => {
    let steps = 0;
    const run = over([100, 100, 100], {
      onBar: atBar(1, () => {
        throw new Error('a fault of the author');
      }),
      onStep: () => void (steps += 1),
    });
    await expect(run).rejects.toMatchObject({ code: 'STRAT-005' });
    expect(steps).toBe(3);
  });

  it('must answer at once: a handler that returns a promise is a fault', async () => {
    const run = over([100, 100], {
      onBar: () => Promise.resolve() as unknown as undefined,
    });
    await expect(run).rejects.toThrow(/must return at once/);
  });

  it('passes the look-ahead check on its intents, and is caught where it looks ahead', async () => {
    const honest = await over([10, 11, 12, 11, 10, 11, 12, 13, 12, 11, 12, 13], {
      onBar(bar, desk) {
        if (bar.close > 11) place(desk, { side: 'buy', type: 'market', size: 1, role: 'entry', tag: 'in' });
        else desk.close(SYMBOL, { why: 'low' });
      },
    });
    await expect(honest.noLookAhead()).resolves.toMatchObject({ passed: true });
    expect(honest.explain(0)).toMatch(/close/);
  });

  it('has on the tape of the look-ahead check what it asks of a ticket, as what it asks of its desk, once', async () => {
    const tape: TapedDecision[] = [];
    let step = 0;
    await runStrategy(
      taped(
        scripted({
          onBar(_bar, desk) {
            step += 1;
            const ask = (tag: string) =>
              place(desk, { side: 'buy', type: 'limit', size: 1, limit: 50, role: 'entry', tag });
            if (step === 1) for (const tag of ['one', 'two', 'three', 'four']) ask(tag);
            const [one, two, three] = ['one', 'two', 'three'].map((tag) => desk.find(tag));
            if (step === 2) one?.amend({ limit: 51, why: 'a nearer one' });
            if (step === 2) two?.cancel('no more');
            if (step === 2 && three !== undefined) desk.cancel(three, 'no more of it');
            if (step === 2) desk.cancelAll({ tag: 'four' }, 'nor of this');
          },
        }),
        tape,
      ),
      { bars: bars.closes('1m', [100, 100, 100]) },
    );
    expect(tape.filter(({ action }) => action === 'hold').map(({ reason, terms }) => [reason, terms])).toEqual([
      ['a nearer one', '{"amend":"one","limit":510000}'],
      ['no more', '{"cancel":"two"}'],
      ['no more of it', '{"cancel":"three"}'],
      ['nor of this', '{"cancelAll":{"tag":"four"}}'],
    ]);
  });
});

describe('a close that the venue has filled in part', () => {
  const PERP = 'BTC-PERP';

  /** Long ten lots; the close fills four of them and ends. What the strategy does about that is the test's. */
  async function partly(then: (desk: StrategyDesk, ask: (role: OrderRole) => OrderTicket) => unknown) {
    const broker = new FakeBroker();
    const acts: ((desk: StrategyDesk) => unknown)[] = [];
    const ask = (desk: StrategyDesk, role: OrderRole, tag: string): OrderTicket =>
      desk.place({
        ...{ instrument: desk.instrument(PERP), side: 'buy', type: 'market', lots: lots(10), why: 'test' },
        ...{ role, tag },
      });
    let isTold = false;
    const definition = scripted({
      onStep: (desk) => acts.shift()?.(desk),
      onOrder: ({ ticket }, desk) => {
        if (ticket.tag !== 'close' || !ticket.isDone || isTold) return;
        isTold = true;
        then(desk, (role) => ask(desk, role, 'anew'));
      },
    });
    const bot = await testBot({ broker, strategies: [definition] }).open();
    acts.push((desk) => ask(desk, 'entry', 'in'));
    await bot.cycle({ [PERP]: 50_000 });
    broker.fill(broker.lastPlaced);
    acts.push((desk) => desk.close(PERP, { why: 'enough' }));
    await bot.cycle();
    const { lastPlaced } = broker;
    broker.fill(lastPlaced, { size: lastPlaced.instrument.size(lots(4)) });
    broker.end(lastPlaced, 'expired');
    await bot.advance(0);
    return { bot, broker };
  }
  const sides = ({ placed }: FakeBroker): string[] => placed.map(({ side, lots: size }) => `${side} ${size}`);

  it('goes on with the rest', async () => {
    const { bot, broker } = await partly(() => undefined);
    await bot.advance(1_000);
    expect(sides(broker)).toEqual(['buy 10', 'sell 10', 'sell 6']);
    await bot.stop();
  });

  it.each(['entry', 'hedge', 'quote', 'exit'] as const)(
    'does not close what the strategy adds after it, by whatever role: %s',
    async (role) => {
      const { bot, broker } = await partly((_desk, ask) => ask(role));
      expect(sides(broker)).toEqual(['buy 10', 'sell 10', 'buy 10']);
      broker.fill(broker.lastPlaced);
      await bot.cycles(5);
      expect(sides(broker)).toEqual(['buy 10', 'sell 10', 'buy 10']);
      await bot.stop();
    },
  );
});
