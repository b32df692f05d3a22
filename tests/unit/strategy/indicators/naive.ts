import type { IndicatorBar } from '#src/services/strategy/indicators/index.js';

/**
 * Indicators once more, from their definitions and from the whole history each time: slow, and nothing is carried
 * along.
 */
type Naive = (bars: readonly IndicatorBar[]) => number;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const closesOf = (bars: readonly IndicatorBar[]): number[] => bars.map((bar) => bar.close);
const highest = (bars: readonly IndicatorBar[]): number => Math.max(...bars.map((bar) => bar.high));
const lowest = (bars: readonly IndicatorBar[]): number => Math.min(...bars.map((bar) => bar.low));
const changes = (values: readonly number[]): number[] => values.slice(1).map((value, i) => value - (values[i] ?? NaN));
const typical = (bar: IndicatorBar): number => (bar.high + bar.low + bar.close) / 3;

/** All values of a smoothing that begins with the mean of the first n. */
function smoothed(values: readonly number[], size: number, weight: number): number[] {
  if (values.length < size) return [];
  const out = [mean(values.slice(0, size))];
  for (const value of values.slice(size)) out.push((1 - weight) * (out.at(-1) ?? NaN) + weight * value);
  return out;
}
const emas = (values: readonly number[], size: number): number[] => smoothed(values, size, 2 / (size + 1));
const rmas = (values: readonly number[], size: number): number[] => smoothed(values, size, 1 / size);
const last = (values: readonly number[]): number => values.at(-1) ?? NaN;
const wma = (values: readonly number[], size: number): number =>
  sum(values.slice(-size).map((value, i) => value * (i + 1))) / ((size * (size + 1)) / 2);
const deviation = (values: readonly number[], divisor: number): number =>
  Math.sqrt(sum(values.map((value) => (value - mean(values)) ** 2)) / divisor);
const rsis = (values: readonly number[], size: number): number[] => {
  const gains = rmas(
    changes(values).map((change) => Math.max(0, change)),
    size,
  );
  const losses = rmas(
    changes(values).map((change) => Math.max(0, -change)),
    size,
  );
  return gains.map((gain, i) => (losses[i] === 0 ? 100 : 100 - 100 / (1 + gain / (losses[i] ?? NaN))));
};
const trueRanges = (bars: readonly IndicatorBar[]): number[] =>
  bars.map((bar, i) =>
    i === 0
      ? bar.high - bar.low
      : Math.max(
          bar.high - bar.low,
          Math.abs(bar.high - (bars[i - 1]?.close ?? NaN)),
          Math.abs(bar.low - (bars[i - 1]?.close ?? NaN)),
        ),
  );
const flow = (bar: IndicatorBar): number =>
  bar.high > bar.low ? ((bar.close - bar.low - (bar.high - bar.close)) / (bar.high - bar.low)) * bar.volume : 0;
const slopeOf = (values: readonly number[]): number => {
  const x = (values.length - 1) / 2;
  return sum(values.map((value, i) => (i - x) * (value - mean(values)))) / sum(values.map((_value, i) => (i - x) ** 2));
};

export const NAIVE: Readonly<Record<string, Naive>> = {
  'sma(5)': (bars) => mean(closesOf(bars).slice(-5)),
  'ema(5)': (bars) => last(emas(closesOf(bars), 5)),
  'rma(5)': (bars) => last(rmas(closesOf(bars), 5)),
  'wma(5)': (bars) => wma(closesOf(bars), 5),
  'hma(9)': (bars) => {
    const values = closesOf(bars);
    const inner = [2, 1, 0]
      .map((back) => values.slice(0, values.length - back))
      .map((past) => 2 * wma(past, 4) - wma(past, 9));
    return wma(inner, 3);
  },
  'dema(4)': (bars) => 2 * last(emas(closesOf(bars), 4)) - last(emas(emas(closesOf(bars), 4), 4)),
  'tema(3)': (bars) => {
    const [first, second, third] = [
      emas(closesOf(bars), 3),
      emas(emas(closesOf(bars), 3), 3),
      emas(emas(emas(closesOf(bars), 3), 3), 3),
    ];
    return 3 * last(first) - 3 * last(second) + last(third);
  },
  'vwma(5)': (bars) =>
    sum(bars.slice(-5).map(({ volume }) => volume)) > 0
      ? sum(bars.slice(-5).map(({ close, volume }) => close * volume)) / sum(bars.slice(-5).map(({ volume }) => volume))
      : (bars.at(-1)?.close ?? NaN),
  'rsi(5)': (bars) => last(rsis(closesOf(bars), 5)),
  'stochRsi(5,4)': (bars) => {
    const window = rsis(closesOf(bars), 5).slice(-4);
    const range = Math.max(...window) - Math.min(...window);
    return range > 1e-9 ? (last(window) - Math.min(...window)) / range : 0;
  },
  'macd(3,6,4)': (bars) => last(emas(closesOf(bars), 3)) - last(emas(closesOf(bars), 6)),
  'ppo(3,6)': (bars) =>
    (100 * (last(emas(closesOf(bars), 3)) - last(emas(closesOf(bars), 6)))) / last(emas(closesOf(bars), 6)),
  'roc(5)': (bars) => 100 * ((bars.at(-1)?.close ?? NaN) / (bars.at(-6)?.close ?? NaN) - 1),
  'momentum(5)': (bars) => (bars.at(-1)?.close ?? NaN) - (bars.at(-6)?.close ?? NaN),
  'trix(3)': (bars) => {
    const third = emas(emas(emas(closesOf(bars), 3), 3), 3);
    return 100 * (last(third) / (third.at(-2) ?? NaN) - 1);
  },
  'cmo(5)': (bars) => {
    const moves = changes(closesOf(bars)).slice(-5);
    const total = sum(moves.map(Math.abs));
    return total > 0 ? (100 * sum(moves)) / total : 0;
  },
  'williamsR(5)': (bars) => {
    const range = highest(bars.slice(-5)) - lowest(bars.slice(-5));
    return range > 0 ? (-100 * (highest(bars.slice(-5)) - (bars.at(-1)?.close ?? NaN))) / range : -50;
  },
  'awesome(3,6)': (bars) =>
    mean(bars.slice(-3).map(({ high, low }) => (high + low) / 2)) -
    mean(bars.slice(-6).map(({ high, low }) => (high + low) / 2)),
  'cci(5)': (bars) => {
    const window = bars.slice(-5).map(typical);
    const away = mean(window.map((value) => Math.abs(value - mean(window))));
    return away > 1e-12 * mean(window) ? (last(window) - mean(window)) / (0.015 * away) : 0;
  },
  'aroon(5)': (bars) => {
    const window = [...bars.slice(-6)].reverse();
    const since = (values: readonly number[], best: number): number => values.indexOf(best);
    const up = since(
      window.map(({ high }) => high),
      highest(window),
    );
    const down = since(
      window.map(({ low }) => low),
      lowest(window),
    );
    return (100 * (down - up)) / 5;
  },
  'vortex(4)': (bars) => {
    const window = bars.slice(-5);
    const ranges = trueRanges(window).slice(1);
    const move = (of: (bar: IndicatorBar, before: IndicatorBar) => number): number =>
      sum(window.slice(1).map((bar, i) => Math.abs(of(bar, window[i] as IndicatorBar))));
    return sum(ranges) > 0
      ? (move((bar, before) => bar.high - before.low) - move((bar, before) => bar.low - before.high)) / sum(ranges)
      : 0;
  },
  'tr()': (bars) => last(trueRanges(bars)),
  'atr(5)': (bars) => last(rmas(trueRanges(bars), 5)),
  'natr(5)': (bars) => (100 * last(rmas(trueRanges(bars), 5))) / (bars.at(-1)?.close ?? NaN),
  'bollinger(5,2)': (bars) => mean(closesOf(bars).slice(-5)),
  'keltner(5,3,2)': (bars) => last(emas(closesOf(bars), 5)),
  'donchian(5)': (bars) => (highest(bars.slice(-5)) + lowest(bars.slice(-5))) / 2,
  'choppiness(5)': (bars) => {
    const reach = highest(bars.slice(-5)) - lowest(bars.slice(-5));
    return reach > 0 ? (100 * Math.log10(sum(trueRanges(bars).slice(-5)) / reach)) / Math.log10(5) : 100;
  },
  'stdev(5)': (bars) => deviation(closesOf(bars).slice(-5), 5),
  'zScore(5)': (bars) => {
    const window = closesOf(bars).slice(-5);
    return new Set(window).size > 1 ? (last(window) - mean(window)) / deviation(window, 5) : 0;
  },
  'percentRank(5)': (bars) => {
    const window = closesOf(bars).slice(-6);
    return (100 * window.slice(0, 5).filter((value) => value <= last(window)).length) / 5;
  },
  'realisedVolatility(5,365)': (bars) => deviation(changes(closesOf(bars).map(Math.log)).slice(-5), 4) * Math.sqrt(365),
  'linearRegression(5)': (bars) => mean(closesOf(bars).slice(-5)) + 2 * slopeOf(closesOf(bars).slice(-5)),
  'linearSlope(5)': (bars) => slopeOf(closesOf(bars).slice(-5)),
  'ichimoku(3,5,8)': (bars) =>
    (highest(bars.slice(-3)) + lowest(bars.slice(-3))) / 2 - (highest(bars.slice(-5)) + lowest(bars.slice(-5))) / 2,
  'obv()': (bars) => sum(changes(closesOf(bars)).map((change, i) => Math.sign(change) * (bars[i + 1]?.volume ?? NaN))),
  'ad()': (bars) => sum(bars.map(flow)),
  'chaikin(2,4)': (bars) => {
    const line = bars.map((_bar, i) => sum(bars.slice(0, i + 1).map(flow)));
    return last(emas(line, 2)) - last(emas(line, 4));
  },
  'cmf(5)': (bars) =>
    sum(bars.slice(-5).map(({ volume }) => volume)) > 0
      ? sum(bars.slice(-5).map(flow)) / sum(bars.slice(-5).map(({ volume }) => volume))
      : 0,
  'mfi(5)': (bars) => {
    const window = bars.slice(-6);
    const of = (sign: number): number =>
      sum(
        window
          .slice(1)
          .map((bar, i) =>
            Math.sign(typical(bar) - typical(window[i] as IndicatorBar)) === sign ? typical(bar) * bar.volume : 0,
          ),
      );
    return of(1) + of(-1) > 0 ? (100 * of(1)) / (of(1) + of(-1)) : 50;
  },
  'vwap()': (bars) => {
    const day = (bar: IndicatorBar): number => Math.ceil(bar.at / 86_400_000);
    const today = bars.filter((bar) => day(bar) === day(bars.at(-1) as IndicatorBar));
    const volume = sum(today.map((bar) => bar.volume));
    return volume > 0
      ? sum(today.map((bar) => typical(bar) * bar.volume)) / volume
      : typical(bars.at(-1) as IndicatorBar);
  },
  'rollingVwap(5)': (bars) => {
    const window = bars.slice(-5);
    const volume = sum(window.map((bar) => bar.volume));
    return volume > 0
      ? sum(window.map((bar) => typical(bar) * bar.volume)) / volume
      : typical(bars.at(-1) as IndicatorBar);
  },
  'forceIndex(4)': (bars) =>
    last(
      emas(
        changes(closesOf(bars)).map((change, i) => change * (bars[i + 1]?.volume ?? NaN)),
        4,
      ),
    ),
  'heikinAshi()': (bars) => {
    const bar = bars.at(-1) as IndicatorBar;
    return (bar.open + bar.high + bar.low + bar.close) / 4;
  },
};
