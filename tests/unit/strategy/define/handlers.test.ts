import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRun, type TestBar } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import { defineStrategy, limit, type BarContext, type StrategySpec } from '#src/services/strategy/define/index.js';
import { scheduleOf } from '#src/services/strategy/define/market/schedules.js';

type Row = readonly [open: number, high: number, low: number, close: number];
type Spec = Omit<StrategySpec<Record<string, never>, unknown>, 'name'>;
const GRID = {
  ...{ tick: new Decimal(1), step: new Decimal('0.001') },
  ...{ makerFee: new Decimal(0), takerFee: new Decimal(0) },
};
const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const FLAT: Row = [100, 100, 100, 100];

const over = (spec: Spec, rows: readonly Row[]): Promise<StrategyRun> =>
  runStrategy(defineStrategy({ name: 'told', timeframe: '1h', onBar: () => undefined, ...spec }), {
    bars: bars.ohlc(
      '1h',
      rows.map(([open, high, low, close]): TestBar => ({ open, high, low, close })),
    ),
    instrument: GRID,
    config: { simulation: { matching: { barPath: 'pessimistic' } } },
  });

/** Asks at the close of bars of a number that counts from 1. */
const atBars = (acts: Readonly<Record<number, (context: BarContext<unknown>) => unknown>>): Pick<Spec, 'onBar'> => {
  let seen = 0;
  return {
    onBar(context) {
      seen += 1;
      acts[seen]?.(context);
    },
  };
};
const sized = { why: 'the test says so', quantity: 10, stop: 80 } as const;
const fills = (run: StrategyRun): readonly string[] =>
  run.fills.map(({ side, price, lots }) => `${side} ${lots / 1000} @${price}`);
const orders = (run: StrategyRun): readonly string[] =>
  run.orders.map(
    ({ side, size, type, limit: at, stop, status }) =>
      `${side} ${size} ${type}${at === undefined ? '' : ` @${at}`}${stop === undefined ? '' : ` ${stop}`} ${status}`,
  );

describe('handlers of the short form', () => {
  it('are told at their times: the start, timers before bars, schedules, the stop', async () => {
    const told: string[] = [];
    const hours = (now: number): number => (now - START) / HOUR;
    let seen = 0;
    await over(
      {
        onStart: ({ restart, now, position }) =>
          told.push(`start ${restart === undefined} ${position.isFlat} ${hours(now)}`),
        onBar({ now, after, clear, bar }) {
          seen += 1;
          told.push(`bar ${hours(now)} ${hours(bar.at)}`);
          if (seen === 1) {
            after('1h', 'again');
            after('90m', 'never');
            clear('never');
            after('150m', 'between');
          }
        },
        onTimer: ({ timer, bar }) => told.push(`timer ${timer.name} ${hours(timer.at)} bar ${hours(bar.at)}`),
        every: {
          '2h -30m': ({ now }) => told.push(`every ${hours(now)}`),
          '2h': ({ now, bar }) => told.push(`noon ${hours(now)} bar ${hours(bar.at)}`),
        },
        onStop: ({ reason, gate }) => told.push(`stop ${reason} ${gate.mode}`),
      },
      [FLAT, FLAT, FLAT, FLAT],
    );
    expect(told).toEqual([
      'start true true 0',
      'bar 1 1',
      'every 1.5',
      // The bar of the instant is seen by what is told before it.
      ...['noon 2 bar 2', 'timer again 2 bar 2', 'bar 2 2'],
      'bar 3 3',
      ...['timer between 3.5 bar 3', 'every 3.5'],
      ...['noon 4 bar 4', 'bar 4 4'],
      'stop shutdown trading',
    ]);
  });

  it('may ask what onBar may: an entry of a fill, a close of a timer, and it is covered all the same', async () => {
    const run = await over(
      {
        ...atBars({ 1: ({ long }) => long(sized) }),
        onFill({ ticket, after }) {
          if (ticket.tag === 'entry.long') after('1h', 'out');
        },
        onTimer: ({ flat }) => void flat('the time is over'),
      },
      [FLAT, FLAT, FLAT, FLAT],
    );
    expect(orders(run)).toEqual([
      ...['buy 10 market filled', 'sell 10 stop_market 80 expired'],
      ...['sell 10 market filled'],
    ]);
  });

  it('enter with their stop, also where no bar is being decided on', async () => {
    const run = await over({ every: { '2h': ({ long, position }) => position.isFlat && long(sized) } }, [
      FLAT,
      FLAT,
      [100, 100, 79, 100],
      FLAT,
      FLAT,
    ]);
    expect(fills(run)).toEqual(['buy 10 @100', 'sell 10 @80', 'buy 10 @100']);
  });

  it('decide not before indicators are ready, and account all the same', async () => {
    const told: string[] = [];
    await over(
      {
        setup: ({ ind }) => ({ slow: ind.sma(3) }),
        onStart: ({ after }) => after('30m', 'early'),
        onTimer: ({ timer }) => void told.push(timer.name),
        every: { '1h': ({ bar }) => void told.push(`every ${(bar.at - START) / HOUR}`) },
      },
      [FLAT, FLAT, FLAT, FLAT],
    );
    expect(told).toEqual(['early', 'every 3', 'every 4']);
  });

  it('see the account and the position in figures', async () => {
    const seen: unknown[] = [];
    await over(
      atBars({
        1: ({ long }) => long(sized),
        3: ({ position: { quantity, notional, unrealised, bars: count, openedAt, r }, portfolio, mark }) => {
          seen.push([quantity, notional, unrealised.toString(), count, (openedAt ?? 0) - START, r, mark]);
          seen.push([portfolio.equity, portfolio.gross, portfolio.net, portfolio.exact.equity.toString()]);
        },
      }),
      [FLAT, FLAT, [100, 111, 99, 110], FLAT],
    );
    expect(seen).toEqual([
      [10, 1100, '100', 2, HOUR, 0.5, 110],
      [10_100, 1100, 1100, '10100'],
    ]);
  });
});

describe('orders by themselves', () => {
  it('rest, wait for a trigger, end each other, and are taken back by their tags', async () => {
    const told: string[] = [];
    const run = await over(
      atBars({
        1: ({ orders: own }) => {
          own.limit({ side: 'buy', quantity: 2, price: 90.5, why: 'low', timeout: '2 bars' });
          own.stop({ side: 'buy', quantity: 1, price: 120, why: 'high', tag: 'high' });
          own.oco([
            { type: 'limit', side: 'sell', quantity: 3, price: 105, why: 'up' },
            { type: 'stop', side: 'sell', quantity: 3, price: 95, why: 'down' },
          ]);
          told.push(own.open.map(({ tag }) => tag).join());
        },
        2: ({ orders: own }) => {
          told.push(String(own.find('high')?.status), String(own.cancelAll('enough', { tag: 'hi*' })));
        },
        3: ({ orders: own }) => told.push(own.open.map(({ tag }) => tag).join()),
      }),
      [FLAT, [100, 106, 100, 104], FLAT, FLAT, [100, 100, 85, 90]],
    );
    expect(told).toEqual(['entry/1,high,entry/2,entry/3', 'open', '1', '']);
    expect(orders(run)).toEqual([
      ...['buy 2 limit @90 cancelled', 'buy 1 stop_market 120 cancelled'],
      ...['sell 3 limit @105 filled', 'sell 3 stop_market 95 cancelled'],
    ]);
  });

  it('come as a bracket: its exits sleep until it fills, and one ends with the other', async () => {
    let children: readonly string[] = [];
    const run = await over(
      atBars({
        1: ({ orders: own }) => {
          const ticket = own.bracket(
            { side: 'buy', quantity: 4, why: 'in', entry: limit(95) },
            { stop: 90, takeProfit: { at: 110 } },
          );
          children = ticket.children.map(({ tag, role }) => `${tag} ${role}`);
        },
      }),
      [FLAT, [100, 100, 94, 96], [96, 111, 96, 105], FLAT],
    );
    expect(children).toEqual(['entry/1/stop stop', 'entry/1/take_profit.1 take_profit']);
    expect(fills(run)).toEqual(['buy 4 @95', 'sell 4 @110']);
    expect(orders(run).filter((line) => line.includes('open'))).toEqual([]);
  });

  it('that open are under no exits that were planned for another entry', async () => {
    const run = await over(
      atBars({
        1: ({ long }) => void long({ ...sized, stop: 40, entry: limit(50, { timeout: '1 bar' }) }),
        3: ({ orders: own }) => own.market({ side: 'buy', quantity: 1, why: 'by itself' }),
      }),
      [FLAT, FLAT, FLAT, FLAT, [100, 100, 70, 75]],
    );
    expect(orders(run).slice(2)).toEqual(['buy 1 market filled']);
  });

  it('that cannot be orders are refused in hand, and said', async () => {
    let checks: readonly (string | undefined)[] = [];
    const run = await over(
      atBars({
        1: ({ orders: own }) => {
          const small = own.market({ side: 'buy', quantity: 0.0001, why: 'small' });
          const [one, two] = own.batch([
            { type: 'market', side: 'buy', quantity: 1, why: 'well' },
            { type: 'market', side: 'buy', quantity: Number.NaN, why: 'none' },
          ]);
          checks = [small, one, two].map((ticket) => ticket?.refusal?.check);
        },
      }),
      [FLAT, FLAT],
    );
    expect(checks).toEqual(['size', 'size', 'size']);
    expect([run.orders.length, run.explain(0)]).toEqual([0, expect.stringContaining('Not one step of 0.001')]);
  });

  it.each<[string, (own: BarContext<unknown>['orders']) => unknown, RegExp]>([
    ['no reason', (own) => own.market({ side: 'buy', quantity: 1, why: '' }), /must say why/],
    [
      'exits that move',
      (own) => own.bracket({ side: 'buy', quantity: 1, why: 'in' }, { stop: 90, timeStop: '2h' }),
      /must be a stop, a trail without steps/,
    ],
    [
      'a distance that nobody knows',
      (own) => own.trailingStop({ side: 'sell', quantity: 1, why: 'trail', by: { r: 1 } }),
      /must follow at a share of the price/,
    ],
  ])('throw where they cannot be read: %s', async (_what, act, message) => {
    await expect(over(atBars({ 1: ({ orders: own }) => act(own) }), [FLAT, FLAT])).rejects.toThrow(message);
  });
});

describe('a schedule', () => {
  it('repeats at multiples since the epoch, with its shift, from Monday, from the first', () => {
    const at = (text: string, after: string): string => new Date(scheduleOf(text)(Date.parse(after))).toISOString();
    expect([
      at('1h', '2024-01-01T10:00:00Z'),
      at('8h -5m', '2024-01-01T07:54:59Z'),
      at('8h -5m', '2024-01-01T07:55:00Z'),
      at('1d +30m', '2024-01-01T00:10:00Z'),
      at('week', '2024-01-01T00:00:00Z'),
      at('month', '2024-02-10T00:00:00Z'),
    ]).toEqual([
      '2024-01-01T11:00:00.000Z',
      '2024-01-01T07:55:00.000Z',
      '2024-01-01T15:55:00.000Z',
      '2024-01-01T00:30:00.000Z',
      '2024-01-08T00:00:00.000Z',
      '2024-03-01T00:00:00.000Z',
    ]);
    for (const text of ['fortnight', '1 hour', '-5m', '0h'])
      expect(() => scheduleOf(text)).toThrow(/A schedule must be/);
  });
});
