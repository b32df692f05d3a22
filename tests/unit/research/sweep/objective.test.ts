import { describe, expect, it } from '@jest/globals';
import { compareJudgements, figuresOf, judge, type Figures, type Judgement } from '#src/research/sweep/objective.js';
import { packDoubles, unpackDoubles, dailyReturns, type JobResult } from '#src/research/sweep/job-result.js';

const DAY = 86_400_000;
const figures = (over: Partial<Figures> = {}): Figures => ({
  net: 10,
  return: 0.01,
  sharpe: 1,
  calmar: 2,
  maxDrawdown: 0.1,
  trades: 20,
  fills: 40,
  liquidations: 0,
  ...over,
});

function job(equity: readonly number[], over: Partial<JobResult['result']> = {}): JobResult {
  const result = {
    trades: 4,
    fills: 9,
    equity: { start: '1', end: '1' },
    pnl: { price: '0', fees: '0', funding: '0', net: '12.5' },
    maxDrawdown: '0.25',
    sharpe: { value: '9', period: '', samples: 1 },
    traceHash: 'x',
    bars: 1,
    from: '',
    to: '',
    aborted: false,
    ...over,
  };
  return { result, from: 0, to: 365 * DAY, liquidations: 0, equity: packDoubles(Float64Array.from(equity)) };
}

describe('figures of a trial', () => {
  it('are growth, yearly growth over drawdown, and the mean daily return over its deviation by the root of 365', () => {
    const equity = [100];
    for (let day = 0; day < 20; day += 1) equity.push(equity.at(-1)! * (day % 2 === 0 ? 1.02 : 1));
    const { return: gain, calmar, sharpe, net } = figuresOf(job(equity));
    expect(net).toBe(12.5);
    expect(gain).toBeCloseTo(1.02 ** 10 - 1, 12);
    expect(calmar).toBeCloseTo((1.02 ** 10 - 1) / 0.25, 10);
    // Ten returns of 2 % and ten of 0: mean 1 %, sample deviation 1 % * sqrt(20/19).
    expect(sharpe).toBeCloseTo(Math.sqrt(19 / 20) * Math.sqrt(365), 9);
  });

  it('fall back on the ratio of the bars with fewer than ten days, and know no Calmar ratio without a drawdown', () => {
    expect(figuresOf(job([100, 101, 102])).sharpe).toBe(9);
    expect(figuresOf(job([100, 101, 102], { sharpe: { value: null, period: '', samples: 0 } })).sharpe).toBeUndefined();
    expect(figuresOf(job([100, 101], { maxDrawdown: '0' })).calmar).toBeUndefined();
  });

  it('keep equity to the last bit', () => {
    const values = Float64Array.from([1e15 + 1, 0.1 + 0.2, -0, Number.MIN_VALUE]);
    expect([...unpackDoubles(packDoubles(values.subarray(1)))]).toEqual([...values.subarray(1)]);
    expect([...dailyReturns(job([100, 110, 99]))]).toEqual([110 / 100 - 1, 99 / 110 - 1]);
  });
});

describe('trades and fills', () => {
  it('are two things: constraints and the objective count round trips that closed, none at all is no fill', () => {
    expect(figuresOf(job([100, 101]))).toMatchObject({ trades: 4, fills: 9 });
    expect(judge(figures({ trades: 4, fills: 9 }), 'trades', {})).toEqual({ standing: 'ranked', score: 4 });
    expect(judge(figures({ trades: 4, fills: 9 }), 'net', { minTrades: 5 }).standing).toBe('constraint');
    // Bought and held: there is a result to rank, and no trade that closed.
    expect(judge(figures({ trades: 0, fills: 1 }), 'net', {}).standing).toBe('ranked');
  });
});

describe('the order of trials', () => {
  it('puts what was liquidated, never traded, breaks a constraint or has no score behind everything that can be ranked', () => {
    const judgements: Judgement[] = [
      judge(figures({ sharpe: -5 }), 'sharpe', {}),
      judge(figures({ sharpe: 3 }), 'sharpe', {}),
      judge(figures({ sharpe: undefined }), 'sharpe', {}),
      judge(figures({ sharpe: 9, trades: 3 }), 'sharpe', { minTrades: 10 }),
      judge(figures({ sharpe: 9, trades: 0, fills: 0 }), 'sharpe', {}),
      judge(figures({ sharpe: 99, liquidations: 1 }), 'sharpe', {}),
      { standing: 'failed', score: undefined },
    ];
    expect(
      [...judgements]
        .reverse()
        .sort(compareJudgements)
        .map(({ standing, score }) => [standing, score]),
    ).toEqual([
      ['ranked', 3],
      ['ranked', -5],
      ['unscored', undefined],
      ['constraint', 9],
      ['no_trades', 9],
      ['liquidated', 99],
      ['failed', undefined],
    ]);
  });

  it('prefers less of a drawdown', () => {
    expect(
      compareJudgements(
        judge(figures({ maxDrawdown: 0.1 }), 'maxDrawdown', {}),
        judge(figures({ maxDrawdown: 0.2 }), 'maxDrawdown', {}),
      ),
    ).toBeLessThan(0);
  });

  it('takes a figure that is no number for a breach', () => {
    expect(judge(figures({ maxDrawdown: NaN }), 'net', { maxDrawdown: 0.5 }).standing).toBe('constraint');
    expect(judge(figures({ net: NaN }), 'net', {}).standing).toBe('unscored');
    expect(judge(figures({ maxDrawdown: 0.5 }), 'net', { maxDrawdown: 0.5 }).standing).toBe('ranked');
  });
});
