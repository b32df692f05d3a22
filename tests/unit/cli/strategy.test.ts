import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { loadStrategy } from '#src/runs/strategy-module.js';
import { defineStrategy, hold, type StrategyDefinition } from 'perpsbot';
import { hosted } from './real-host.js';

const cheat: StrategyDefinition = {
  name: 'cheat',
  parameters: [],
  lookback: () => 1,
  create: () => ({
    name: 'cheat',
    lookback: 1,
    needsSnapshot: false,
    decide: ({ series }) =>
      hold(`next ${(series.bar as unknown as { columns: { close: Float64Array } }).columns.close[series.count] ?? 0}`),
    onFill: () => undefined,
    snapshot: () => undefined,
    restore: () => undefined,
  }),
};

describe('perpsbot strategy', () => {
  it('ls names the built-in ones and modules with the ranges of their parameters', async () => {
    const host = hosted();
    expect(await host.run('strategy', 'ls', '--file', './ema-cross.js')).toBe(0);
    expect(host.stdout.written).toMatch(/baseline +built in +shortMa, longMa/);
    expect(host.stdout.written).toMatch(
      /ema-cross +\.\/ema-cross\.js +fast \(int 2\.\.100\), slow \(int 5\.\.400\), risk \(percent 0\.\.1\)/,
    );
  });

  it('check runs the strategy over the data and says that it does not look ahead', async () => {
    const host = hosted();
    expect(
      await host.run(
        'strategy',
        'check',
        './ema-cross.js',
        '--data',
        'bars.csv',
        '--param',
        'fast=4',
        '--param',
        'slow=10',
        '--cuts',
        '3',
        '--json',
      ),
    ).toBe(0);
    expect(host.envelope()).toMatchObject({
      kind: 'strategy.check',
      ok: true,
      data: { name: 'ema-cross', parameters: ['fast', 'slow', 'risk'], lookAhead: { passed: true, cuts: 3 } },
    });
  });

  it('check tells the warm-up in the bars of the strategy, data or none', async () => {
    const host = hosted();
    expect(await host.run('strategy', 'check', './ema-cross.js', '--param', 'slow=20')).toBe(0);
    expect(host.stdout.written).toMatch(
      /are good\. Warm-up 20 bars of 15m, from the first whole one: until then it is/,
    );
    expect(host.stdout.written).toMatch(/Look-ahead not checked/);
  });

  it('check tells it of every timeframe, and the same as data', async () => {
    const host = hosted();
    host.modules.set(
      './two.js',
      defineStrategy({
        name: 'two',
        timeframe: '15m',
        setup: ({ ind, on }) => ({ fast: ind.sma(3), week: on('1w').sma(2) }),
        onBar: ({ hold }) => hold('nothing'),
      }),
    );
    expect(await host.run('strategy', 'check', './two.js')).toBe(0);
    expect(host.stdout.written).toMatch(/Warm-up 3 bars of 15m and 2 bars of 1w,/);
    const json = hosted();
    json.modules.set('./two.js', host.modules.get('./two.js'));
    expect(await json.run('strategy', 'check', './two.js', '--json')).toBe(0);
    expect(json.envelope()).toMatchObject({
      data: {
        warmUp: [
          { timeframe: '15m', bars: 3 },
          { timeframe: '1w', bars: 2 },
        ],
      },
    });
  });

  it('check tells it in values where every value is a bar, and where a strategy has no bars', async () => {
    const host = hosted();
    host.modules.set(
      './every.js',
      defineStrategy({ name: 'every', setup: ({ ind }) => ind.sma(3), onBar: ({ hold }) => hold('nothing') }),
    );
    expect(await host.run('strategy', 'check', './every.js')).toBe(0);
    expect(host.stdout.written).toMatch(/Warm-up 3 bars, one an update interval, from the first whole one/);
    const old = hosted();
    old.modules.set('./cheat.js', cheat);
    expect(await old.run('strategy', 'check', './cheat.js')).toBe(0);
    expect(old.stdout.written).toMatch(/Warm-up 1 values, one an update interval: with fewer behind it/);
  });

  it('check ends with 4 for a strategy that looks ahead, and names the decision', async () => {
    const host = hosted();
    host.modules.set('./cheat.js', cheat);
    expect(await host.run('strategy', 'check', './cheat.js', '--data', 'bars.csv')).toBe(4);
    expect(host.stdout.written).toMatch(/^Look-ahead: the decision of /m);
  });

  it('check refuses a parameter it does not know with the nearest one', async () => {
    const host = hosted();
    expect(await host.run('strategy', 'check', './ema-cross.js', '--param', 'fsat=4')).toBe(78);
    expect(host.stderr.written).toMatch(/Did you mean fast\?/);
  });

  it.each([
    ['a module that is not there', './missing.js', /must be a module that can be loaded/],
    ['a module without a default export', './empty.js', /must export a strategy by default, was no default export/],
    ['a default export that is no strategy', './number.js', /must export a strategy by default, was number/],
  ])('refuses %s', async (_name, path, message) => {
    const host = hosted();
    host.modules.set('./empty.js', undefined);
    host.modules.set('./number.js', 7);
    expect(await host.run('strategy', 'check', path)).toBe(78);
    expect(host.stderr.written).toMatch(message);
  });
});

describe('perpsbot backtest with a module', () => {
  it('runs its strategy, parameters included', async () => {
    const host = hosted();
    expect(
      await host.run(
        'backtest',
        '--strategy',
        './ema-cross.js',
        '--data',
        'bars.csv',
        '--param',
        'fast=4',
        '--param',
        'slow=10',
        '--json',
      ),
    ).toBe(0);
    expect(host.envelope()).toMatchObject({
      kind: 'backtest.result',
      ok: true,
      data: { strategy: 'ema-cross', bars: 200 },
    });
    expect(Number(host.envelope().data['trades'])).toBeGreaterThan(0);
  });
});

describe('perpsbot explain', () => {
  it('says why a run over data did not trade', async () => {
    const host = hosted();
    host.modules.set(
      './idle.js',
      defineStrategy({ name: 'idle', setup: () => undefined, onBar: ({ hold: wait }) => wait('the moon is full') }),
    );
    expect(await host.run('explain', '--data', 'bars.csv', '--strategy', './idle.js', '--json')).toBe(0);
    expect(host.envelope()).toMatchObject({
      kind: 'explain.result',
      data: {
        headline:
          'Nothing was traded: the strategy asked for no entry. Most often it said "the moon is full" (200 times).',
        trades: 0,
        fills: 0,
        steps: 200,
        causes: [{ kind: 'decision', name: 'the moon is full', times: 200, first: { symbol: 'BTC-PERP' } }],
      },
    });
    const people = hosted();
    people.modules.set('./idle.js', host.modules.get('./idle.js'));
    await people.run('explain', '--data', 'bars.csv', '--strategy', './idle.js');
    expect(people.stdout.written).toMatch(
      /^Nothing was traded[^\n]*\n\nFrom a backtest of 200 bars[^\n]*\n\nwhat +which +times +for +first\nthe strategy said +the moon is full +200/,
    );
  });

  it('without data and without a journal asks for one of them', async () => {
    const host = hosted();
    expect(await host.run('explain')).toBe(2);
  });

  it('reads the journal from the time that --since names', async () => {
    const host = hosted();
    const asked: unknown[] = [];
    const event = (at: number, reason: string): unknown => ({
      seq: at,
      at,
      type: 'risk_rejected',
      payload: { symbol: 'BTC-PERP', check: reason, reason },
    });
    host.openJournal = () =>
      ({
        path: 'journal.db',
        query: (query: unknown) => (
          asked.push(query),
          [event(Date.UTC(2024, 0, 1), 'old'), event(Date.UTC(2024, 0, 3), 'new')]
        ),
        exportLines: () => 0,
        verify: () => ({ ok: true, records: 0, problems: [] }),
      }) as never;
    expect(await host.run('explain', '--since', '2024-01-02', '--json')).toBe(0);
    expect(host.envelope().data['causes']).toMatchObject([{ kind: 'risk', name: 'new', times: 1 }]);
    expect(asked).toEqual([{ types: expect.arrayContaining(['trading_tally', 'risk_rejected', 'order', 'fill']) }]);
  });
});

describe('a strategy file that the runtime cannot load', () => {
  it.each([
    ['Cannot use import statement outside a module', 'Name it .mjs (.mts), or write "type": "module"'],
    ["Unexpected token 'export'", 'Name it .mjs (.mts), or write "type": "module"'],
    ["Cannot find package 'perpsbot'", 'Install the package beside the file'],
    ['Unexpected end of input', 'Check the path'],
  ])('is refused with the remedy of its cause: %s', async (told, remedy) => {
    const importDefault = (): Promise<unknown> => Promise.reject(new SyntaxError(told));
    await expect(loadStrategy({ importDefault }, './mine.js')).rejects.toMatchObject({
      code: 'STRAT-002',
      fix: expect.stringContaining(remedy),
    });
  });
});
