import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal, defineStrategy, Indicator, int, Line, percent } from 'perpsbot';
import { bars, runStrategy, type StrategyRun } from 'perpsbot/testing';

describe("JavaScript's silent traps", () => {
  const PRICES = Array.from({ length: 40 }, (_unused, i) => 100 + 10 * Math.sin(i / 3));
  /** What plain JavaScript may write, with what it came to on the last bar. */
  async function seen(look: (context: never, lines: never) => unknown): Promise<unknown> {
    let last: unknown;
    await runStrategy(
      defineStrategy({
        name: 'trap',
        params: { stop: percent('1%'), wide: percent('10%'), size: int(3) },
        setup: ({ ind }) => ({ bands: ind.bollinger(5), ema: ind.ema(3), own: ind.use(new Own()) }),
        onBar: (context, lines) => void (last = look(context as never, lines as never)),
      }),
      { bars: bars.closes('1m', PRICES) },
    );
    return last;
  }
  /** An indicator of a host's own may ask itself for what it has not set yet. */
  class Own extends Indicator {
    constructor() {
      super('own', 1);
    }
    update(bar: { readonly close: number }): void {
      this.seen += 1;
      const memory = this as unknown as { sum?: number };
      memory.sum = (memory.sum ?? 0) + bar.close;
      this.set(memory.sum);
    }
    protected clear(): void {}
  }
  type Lines = { bands: { lower: Line; upper: Line }; ema: Indicator; own: Line };
  /** As JavaScript sees it. */
  const n = (line: unknown): number => line as number;
  type Context = { params: { stop: number; wide: number }; bar: { close: number }; position: { size: number } };

  it('lines and decimals are numbers where a number is wanted, and text where text is', async () => {
    const found = await seen(({ params, bar, position }: Context, { bands, ema, own }: Lines) => [
      bar.close < n(bands.lower) === bar.close < bands.lower.value,
      bar.close > n(ema) === bar.close > ema.value,
      n(bands.upper) - n(bands.lower) > 0,
      `${n(bands.lower)}` === String(bands.lower.value),
      1 + params.stop,
      bar.close * (1 - params.stop) < bar.close,
      // By value, where two texts would say that 0.01 is more than 0.1.
      params.stop < params.wide,
      `${params.stop}`,
      position.size + 1,
      n(own) > 1_000,
    ]);
    expect(found).toEqual([true, true, true, true, 1.01, true, true, '0.01', 1, true]);
    expect(new Decimal('9').gt(10)).toBe(false);
    expect((new Decimal(9) as unknown as number) < (new Decimal(10) as unknown as number)).toBe(true);
    expect(String(new Decimal('1e-30'))).toBe('0.000000000000000000000000000001');
    expect(JSON.stringify({ d: new Decimal('0.1') })).toBe('{"d":"0.1"}');
  });

  it('a level that a line crosses may be a parameter; what is neither is refused', async () => {
    const line = new Line();
    line.set(0.009);
    line.set(0.02);
    const level = new Decimal('0.01') as unknown as number;
    expect([line.crossedAbove(level), line.crossedBelow(level)]).toEqual([true, false]);
    expect(() => line.crossedAbove({} as never)).toThrow(expect.objectContaining({ code: 'STRAT-004' }));
    expect(() => line.crossedBelow('0.01' as never)).toThrow(expect.objectContaining({ code: 'STRAT-004' }));
  });

  it.each<[string, (context: never, lines: never) => unknown, string]>([
    ['a parameter', ({ params }: { params: { stp: number } }) => params.stp, 'stop'],
    ['a bar', ({ bar }: { bar: { clsoe: number } }) => bar.clsoe, 'close'],
    ['a position', ({ position }: { position: { isLnog: boolean } }) => position.isLnog, 'isLong'],
    ['what onBar is handed', ({ symbl: none }: { symbl: unknown }) => none, 'symbol'],
    ['bands', (_context, { bands }: { bands: { lowr: number } }) => bands.lowr, 'lower'],
    ['a line of them', (_context, { bands }: { bands: { lower: { valu: number } } }) => bands.lower.valu, 'value'],
  ])('a misspelt name of %s is refused with the right one', async (_what, look, right) => {
    await expect(seen(look)).rejects.toMatchObject({
      code: 'STRAT-005',
      cause: { code: 'STRAT-004', fix: `Did you mean ${right}?` },
    });
  });

  it('a stop may be a line, and must be named', async () => {
    const entering = (stop: unknown): Promise<StrategyRun> =>
      runStrategy(
        defineStrategy({
          name: 'stopped',
          setup: ({ ind }) => ({ low: ind.sma(3) }),
          onBar: ({ position, long }, { low }) => {
            if (position.isFlat) long({ why: 'in', risk: '1%', stop: (stop === 'line' ? low : stop) as never });
          },
        }),
        { bars: bars.closes('1m', [90, 90, 90, 100, 110, 110]) },
      );
    expect((await entering('line')).orders[0]).toMatchObject({ side: 'buy', status: 'filled' });
    await expect(entering(undefined)).rejects.toMatchObject({ code: 'STRAT-005', cause: { code: 'STRAT-001' } });
  });
});
