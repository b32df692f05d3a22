import { describe, expect, it } from '@jest/globals';
import { backtestText } from '#src/cli/text/backtest-text.js';
import { explanationText } from '#src/cli/text/explanation-text.js';
import { paletteFor } from '#src/cli/text/palette.js';
import { walkForwardText } from '#src/cli/text/walk-forward-text.js';
import type { TradeRow } from '#src/report/run-record.js';
import type { BacktestResult } from '#src/backtest/result.js';

const plain = paletteFor({ write: () => true } as never, {}, false);

const backtest = (over: Record<string, unknown>, trips: readonly TradeRow[] = []): string =>
  backtestText(
    {
      symbol: 'BTC-PERP',
      strategy: 'baseline',
      interval: '1m',
      from: '2024-01-01T00:00:00.000Z',
      to: '2024-01-02T00:00:00.000Z',
      bars: 30,
      warmup: 1,
      aborted: false,
      trades: 2,
      fills: 5,
      equity: { start: '1000', end: '998' },
      pnl: { price: '-1', fees: '-1', funding: '0', net: '-2' },
      fundings: [],
      maxDrawdown: '0.002',
      sharpe: { value: null, period: 'daily' },
      held: [],
      cuts: [],
      switchedOff: [],
      traceHash: 'abc',
      liquidations: 0,
      ...over,
    } as unknown as BacktestResult,
    trips,
    plain,
  );

describe('what people read of a backtest', () => {
  it('says that the account was liquidated, and how often', () => {
    expect(backtest({})).not.toContain('Liquidated');
    expect(backtest({ liquidations: 1 })).toMatch(/Net +-2\.00\n +Liquidated +once\n/);
    expect(backtest({ liquidations: 3 })).toMatch(/Liquidated +3 times\n/);
  });

  it('tells trades, which closed, from fills', () => {
    expect(backtest({})).toMatch(/Trades +2 closed, 5 fills\n/);
    expect(backtest({ trades: 0, fills: 1 })).toMatch(/Trades +0 closed, 1 fill\n/);
  });

  it('says what is still held at the end, which is no trade', () => {
    const position = { quantity: '-0.5', entry: '101.25', mark: '100', unrealised: '0.63' };
    expect(backtest({ position: { ...position, quantity: '0', entry: null } })).not.toContain('Open');
    expect(backtest({ position })).toMatch(/\n +Open +short 0.5 from 101.25, marked at 100, unrealised \+0.63\n/);
    const positions = [
      { ...position, symbol: 'BTC-PERP' },
      { ...position, symbol: 'ETH-PERP', quantity: '2' },
    ];
    expect(backtest({ position, positions })).toMatch(
      /Open +short 0.5 BTC-PERP from 101.25, marked at 100\n +Open +long 2 ETH-PERP from/,
    );
  });

  it('lists the last trades: side, size, when and at what in and out, what they brought, and why they ended', () => {
    const trip = (over: Partial<TradeRow>): TradeRow =>
      ({
        ...{ symbol: 'BTC-PERP', side: 'long', quantity: '0.5', openedAt: 60_000, closedAt: 180_000, entry: '100' },
        ...{ exit: '101.5', net: '-1234.567', exitReason: 'Stop 99 reached' },
        ...over,
      }) as TradeRow;
    expect(backtest({})).not.toContain('rades:');
    expect(backtest({ trades: 1 }, [trip({})])).toMatch(
      /\nTrades:\nside +size +entered +at +left +at +net +because\nlong +0.5 +1970-01-01T00:01 +100 +1970-01-01T00:03 +101.5 +-1,234.57 +Stop 99 reached$/,
    );
    const two = backtest({ trades: 7 }, [trip({}), trip({ symbol: 'ETH-PERP', exitReason: null })]);
    expect(two).toMatch(/\nThe last 2 of 7 trades:\nsymbol +side/);
    expect(two).toMatch(/\nETH-PERP +long .* not known$/);
  });

  it('counts no funding stamp as paid whose rate nobody knows', () => {
    expect(backtest({ fundings: [{ amount: '-0.5' }, { amount: '0' }] })).toContain('in 2 stamps\n');
    expect(backtest({ fundings: [{ amount: '-0.5' }, { amount: null }, { amount: null }] })).toContain(
      'in 1 of 3 stamps, the rest unknown\n',
    );
  });
});

describe('what people read of a walk-forward and of an explanation', () => {
  const outcome = {
    windows: [],
    stitched: { net: '0', growth: 1, returns: Float64Array.of(), periodsPerYear: 365 },
    efficiency: undefined,
    consistency: undefined,
  } as never;

  it('has every figure of a window once, whatever the objective', () => {
    expect(walkForwardText('BTC-PERP', 'net', outcome).match(/net out/g)).toHaveLength(1);
    expect(walkForwardText('BTC-PERP', 'sharpe', outcome)).toMatch(/sharpe out +net out/);
  });

  it('says what the bot did under terms asked before, and does not call it the word of the strategy', () => {
    const first = { at: 0, symbol: 'BTC-PERP' };
    const causes = [{ kind: 'by_itself', name: "the entry's timeout of 3 bars was over", times: 2, first }] as const;
    const text = explanationText(
      { headline: 'h', fills: 1, trades: 0, steps: 9, entries: 1, causes },
      'a backtest',
      plain,
    );
    expect(text).toMatch(/the bot did +the entry's timeout of 3 bars was over +2/);
  });

  it('counts one entry as one', () => {
    expect(
      explanationText(
        { headline: '1 fill.', fills: 1, trades: 0, steps: 9, entries: 1, causes: [] },
        'a backtest',
        plain,
      ),
    ).toContain('9 steps, 1 entry wanted.');
  });
});
