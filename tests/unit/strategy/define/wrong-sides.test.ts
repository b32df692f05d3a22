import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRun } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { ChangeAsk, OrderTicket } from '#src/ports/strategy/order-ticket.js';
import { chase, defineStrategy, limit, r, stopEntry, type BarContext } from '#src/services/strategy/define/index.js';

type Act = (context: BarContext<unknown>) => readonly OrderTicket[];
const GRID = { tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };
const why = 'the test says so';
const LONG = { why, quantity: 10, stop: 80 } as const;
const SHORT = { why, quantity: 10, stop: 120 } as const;

/** The mark is 100; the first bar asks, what `then` says the third. */
async function asked(first: Act, then?: (context: BarContext<unknown>) => unknown) {
  let seen = 0;
  let tickets: readonly OrderTicket[] = [];
  const run: StrategyRun = await runStrategy(
    defineStrategy({
      name: 'scripted',
      timeframe: '1h',
      onBar(context: BarContext<unknown>) {
        seen += 1;
        if (seen === 1) tickets = first(context);
        if (seen === 3) then?.(context);
      },
    }),
    {
      ...{ bars: bars.closes('1h', [100, 100, 100, 100, 100]), instrument: GRID },
      // What gives away at once is no business of this test.
      config: { risk: { priceCollar: '2500bps', slippageGuard: '2500bps' } },
    },
  );
  return { run, said: tickets.map(({ refusal }) => `${refusal?.check}: ${refusal?.reason}`) };
}

describe('a take-profit that is not ahead of its entry', () => {
  it.each<[string, Act, string]>([
    [
      'at market, a rung below the mark',
      ({ long }) => [long({ ...LONG, takeProfit: [{ at: 110, share: '50%' }, { at: 99 }] })],
      'Take-profit of a long must be above the mark 100, was 99',
    ],
    [
      'at market, at the mark',
      ({ short }) => [short({ ...SHORT, takeProfit: { at: 100 } })],
      'Take-profit of a short must be below the mark 100, was 100',
    ],
    [
      'a limit',
      ({ long }) => [long({ ...LONG, entry: limit(95), takeProfit: { at: 95 } })],
      'Take-profit of a long must be above the limit 95, was 95',
    ],
    [
      'a limit that the market is beyond, and that trades at the mark',
      ({ short }) => [short({ ...SHORT, entry: limit(96), takeProfit: { at: 101 } })],
      'Take-profit of a short must be below the mark 100, was 101',
    ],
    [
      'a stop entry, between mark and trigger',
      ({ long }) => [long({ ...LONG, entry: stopEntry(105), takeProfit: { at: 103 } })],
      'Take-profit of a long must be above the trigger 105, was 103',
    ],
    [
      'a chase',
      ({ short }) => [short({ ...SHORT, entry: chase({ timeout: '1h' }), takeProfit: { at: 101 } })],
      'Take-profit of a short must be below the first price 101, was 101',
    ],
    [
      'a bracket',
      ({ orders }) => [
        orders.bracket(
          { side: 'sell', quantity: 4, why, entry: limit(105) },
          { stop: 110, takeProfit: [{ at: 90 }, { at: 106 }] },
        ),
      ],
      'Take-profit of a short must be below its entry at 105, was 106',
    ],
  ])('is refused: %s', async (_what, act, reason) => {
    const { run, said } = await asked(act);
    expect(said).toEqual([`take_profit: ${reason}`]);
    expect([run.orders, run.fills]).toEqual([[], []]);
  });

  it('takes its pair with it', async () => {
    const { run, said } = await asked(({ either }) => [
      ...either({
        long: { ...LONG, entry: stopEntry(105), takeProfit: { at: 104 } },
        short: { ...SHORT, entry: stopEntry(95), takeProfit: { at: 90 } },
      }),
    ]);
    expect(said).toEqual(Array(2).fill('take_profit: Take-profit of a long must be above the trigger 105, was 104'));
    expect(run.orders).toEqual([]);
  });

  it('is refused where an entry that rests is brought to it, which stays as it was', async () => {
    let again: OrderTicket | undefined;
    const { run } = await asked(
      ({ long }) => [long({ ...LONG, entry: limit(95), takeProfit: { at: 110 } })],
      ({ long }) => void (again = long({ ...LONG, entry: limit(96), takeProfit: { at: 96 } })),
    );
    expect(again?.refusal?.check).toBe('take_profit');
    expect(run.lines.filter((line) => line.includes('entry'))).toEqual([expect.stringContaining('95')]);
  });

  it('leaves one alone that is ahead of where a limit trades, and not of the limit', async () => {
    const { said, run } = await asked(({ short }) => [short({ ...SHORT, entry: limit(99), takeProfit: { at: 99 } })]);
    expect(said).toEqual(['undefined: undefined']);
    expect(run.fillLines[0]).toMatch(/^entry sell 10 @100/);
  });

  it('leaves one alone that is ahead, however little, and what is said in risks', async () => {
    const { said } = await asked(({ long }) => [
      long({ ...LONG, entry: limit(95), takeProfit: [{ at: 96, share: '50%' }, { at: r(2) }] }),
    ]);
    expect(said).toEqual(['undefined: undefined']);
  });
});

describe('an exit of a bracket on the wrong side', () => {
  it('is refused also where it is its stop', async () => {
    const { run, said } = await asked(({ orders }) => [
      orders.bracket({ side: 'buy', quantity: 4, why, entry: limit(95) }, { stop: 96, takeProfit: { at: 110 } }),
    ]);
    expect(said).toEqual(['stop: Stop of a long must be below its entry at 95, was 96']);
    expect(run.orders).toEqual([]);
  });

  it.each<[string, (context: BarContext<unknown>) => ChangeAsk | undefined, string]>([
    ['its target', ({ orders }) => orders.find('entry/1/take_profit.1')?.amend({ limit: 95, why }), 'take_profit'],
    ['its stop', ({ orders }) => orders.find('entry/1/stop')?.amend({ stop: 95, why }), 'stop'],
    ['its entry', ({ orders }) => orders.find('entry/1')?.amend({ limit: 98, why }), 'take_profit'],
  ])('is refused as a change of %s', async (_what, change, check) => {
    let answer: ChangeAsk | undefined;
    const { run } = await asked(
      ({ orders }) => [
        orders.bracket({ side: 'buy', quantity: 4, why, entry: limit(95) }, { stop: 90, takeProfit: { at: 98 } }),
      ],
      (context) => void (answer = change(context)),
    );
    expect(answer).toMatchObject({ outcome: 'refused', refusal: { check } });
    expect(run.fills).toEqual([]);
  });
});
