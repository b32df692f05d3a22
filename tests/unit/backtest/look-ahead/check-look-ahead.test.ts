import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { defineStrategy, hold, type StrategyDefinition } from 'perpsbot';
import { bars, runStrategy } from 'perpsbot/testing';
import { checkLookAhead, lookAheadText, withOtherFuture } from '#src/backtest/look-ahead/check-look-ahead.js';
import type { AnswerTape, TapedDecision } from '#src/backtest/look-ahead/taped-decision.js';
import { columns } from '../fake-house.js';

const WAVES = Array.from({ length: 40 }, (_unused, i) => 100 + Math.round(10 * Math.sin(i / 2)));

/** Looks through the bar it is shown at the column behind it: the next close. */
const cheat: StrategyDefinition = {
  name: 'cheat',
  parameters: [],
  lookback: () => 1,
  create: () => ({
    name: 'cheat',
    lookback: 1,
    needsSnapshot: false,
    decide({ series }) {
      const { columns: whole } = series.bar as unknown as { columns: { close: Float64Array } };
      const next = whole.close[series.count] ?? 0;
      return hold(next > (whole.close[series.count - 1] ?? 0) ? 'it will rise' : 'it will fall');
    },
    onFill: () => undefined,
    snapshot: () => undefined,
    restore: () => undefined,
  }),
};

const honest = defineStrategy({
  name: 'honest',
  setup: ({ ind }) => ({ fast: ind.sma(2), slow: ind.sma(4) }),
  onBar({ bar, position, long, flat, hold: wait }, { fast, slow }) {
    if (position.isFlat && fast.crossedAbove(slow)) long({ why: 'up', stop: bar.close * 0.95, risk: '1%' });
    else if (position.isLong && fast.crossedBelow(slow)) flat('down');
    else wait(`close ${bar.close}`);
  },
});

const write = (answers: readonly TapedDecision[], tape: AnswerTape): void => {
  for (const each of answers) tape.push(each);
};

describe('the look-ahead check', () => {
  it('passes a strategy that trades by the past, orders and values in its reasons included', async () => {
    const run = await runStrategy(honest, { bars: bars.closes('1m', WAVES) });
    expect(run.orders.length).toBeGreaterThan(2);
    const report = await run.noLookAhead({ cuts: 6, seed: 3 });
    expect(report).toMatchObject({ passed: true, cuts: 6, finding: undefined });
    expect(lookAheadText(report)).toMatch(
      /^Look-ahead check passed: \d+ decisions unchanged by 6 other futures, \d+ of them no hold\.$/,
    );
  });

  it('catches a strategy that reads the next bar, and names the first decision that gave it away', async () => {
    const run = await runStrategy(cheat, { bars: bars.closes('1m', WAVES) });
    await expect(run.noLookAhead()).rejects.toMatchObject({
      code: 'STRAT-003',
      exitCode: 4,
      message: expect.stringMatching(
        /^Look-ahead: the decision of .* was "hold: it will (rise|fall)" and became "hold: it will (rise|fall)" when only bars after .* were replaced\.$/,
      ),
    });
  });

  it('compares up to and with the cut, and nothing after it', async () => {
    const tape = (close: Float64Array, action: TapedDecision['action'] = 'buy'): TapedDecision[] =>
      Array.from(close, (value, i) => ({
        at: (i + 1) * 60_000,
        symbol: 'X',
        action,
        reason: String(value),
        terms: '{}',
        detail: undefined,
      }));
    const report = await checkLookAhead(columns(WAVES), async ({ close }, to) => write(tape(close), to), { cuts: 3 });
    expect(report.passed).toBe(true);
    const late = await checkLookAhead(columns(WAVES), async ({ close }, to) => write(tape(close.slice(1)), to), {
      cuts: 3,
    });
    expect(late.passed).toBe(false);
    const idle = await checkLookAhead(columns(WAVES), async ({ close }, to) => write(tape(close, 'hold'), to), {
      cuts: 3,
    });
    expect(idle).toMatchObject({ passed: false, asked: 0, finding: undefined });
    expect(lookAheadText(idle)).toMatch(/^Look-ahead not tested: the strategy asked for nothing in \d+ decisions/);
  });

  it('proves nothing by a strategy that asks for nothing, and says so', async () => {
    const run = await runStrategy(honest, { bars: bars.closes('1m', [100, 100, 100, 100, 100, 100]) });
    await expect(run.noLookAhead()).rejects.toMatchObject({ code: 'TEST-001' });
  });

  it('notices decisions that are missing', async () => {
    let runs = 0;
    const one: TapedDecision = { at: 60_000, symbol: 'X', action: 'hold', reason: 'r', terms: '{}', detail: undefined };
    const report = await checkLookAhead(
      columns(WAVES),
      async (_columns, to) => write((runs += 1) === 1 ? [one] : [], to),
      {
        cuts: 1,
      },
    );
    expect(report).toMatchObject({ passed: false, finding: { was: one, became: undefined } });
  });

  it('ends a run over another future once what came up to the cut is answered, and the true one never', async () => {
    const pushed: number[] = [];
    const answer: TapedDecision = { at: 0, symbol: 'X', action: 'buy', reason: 'r', terms: '{}', detail: undefined };
    const report = await checkLookAhead(
      columns(WAVES),
      async ({ length }, tape) => {
        let bar = 0;
        for (; bar < length && !tape.signal.aborted; bar += 1) tape.push({ ...answer, at: (bar + 1) * 60_000 });
        pushed.push(bar);
      },
      { cuts: 3 },
    );
    // One answer after each cut: it says that there are no more before it.
    expect([report.passed, pushed]).toEqual([true, [40, 11, 21, 31]]);
  });

  it('refuses fewer than four bars', async () => {
    await expect(checkLookAhead(columns([1, 2, 3]), async () => undefined)).rejects.toMatchObject({ code: 'STAT-001' });
  });

  it('leaves the past as it is and changes what comes after, the same way for the same seed', () => {
    const whole = columns(WAVES);
    const other = withOtherFuture(whole, 20, 5);
    expect([...other.close.slice(0, 21)]).toEqual([...whole.close.slice(0, 21)]);
    expect([...other.close.slice(21)]).not.toEqual([...whole.close.slice(21)]);
    expect([...withOtherFuture(whole, 20, 5).close]).toEqual([...other.close]);
    expect([...whole.close]).toEqual(WAVES);
    for (let i = 0; i < other.length; i += 1)
      expect((other.high[i] ?? 0) >= Math.max(other.open[i] ?? 0, other.close[i] ?? 0)).toBe(true);
  });
});
