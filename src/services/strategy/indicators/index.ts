import type { Indicator, Source } from './indicator.js';
import { Dema, Ema, Hma, Kama, Rma, Sma, Tema, Vwma, Wma } from './averages.js';
import { Cmo, Macd, Momentum, Ppo, Roc, Rsi, StochRsi, Trix } from './momentum.js';
import { Aroon, Awesome, Cci, Fisher, Ultimate, Vortex } from './oscillators.js';
import { Atr, Bollinger, Choppiness, Donchian, Keltner, Natr, SuperTrend, TrueRange } from './ranges.js';
import { Basis, FundingAverage, PercentRank, RealisedVolatility, StandardDeviation, ZScore } from './statistics.js';
import { Stochastic, WilliamsR } from './stochastic.js';
import { Adx, DirectionalMovement, HeikinAshi, Ichimoku, LinearRegression, LinearSlope, Psar } from './trend.js';
import {
  AccumulationDistribution,
  ChaikinMoneyFlow,
  ChaikinOscillator,
  ForceIndex,
  MoneyFlowIndex,
  Obv,
  RollingVwap,
  Vwap,
} from './volume.js';

export { Indicator, Line, type IndicatorBar, type Source } from './indicator.js';
export type { IndicatorState } from './state.js';

/** Every indicator, made by its short name. */
export const indicators = {
  sma: (size: number, source?: Source) => new Sma(size, source),
  ema: (size: number, source?: Source) => new Ema(size, source),
  rma: (size: number, source?: Source) => new Rma(size, source),
  wma: (size: number, source?: Source) => new Wma(size, source),
  hma: (size: number, source?: Source) => new Hma(size, source),
  dema: (size: number, source?: Source) => new Dema(size, source),
  tema: (size: number, source?: Source) => new Tema(size, source),
  kama: (size: number, fast?: number, slow?: number, source?: Source) => new Kama(size, fast, slow, source),
  vwma: (size: number) => new Vwma(size),
  rsi: (size: number, source?: Source) => new Rsi(size, source),
  stochRsi: (size: number, window?: number, source?: Source) => new StochRsi(size, window, source),
  macd: (fast?: number, slow?: number, signal?: number, source?: Source) => new Macd(fast, slow, signal, source),
  ppo: (fast?: number, slow?: number, source?: Source) => new Ppo(fast, slow, source),
  roc: (size: number, source?: Source) => new Roc(size, source),
  momentum: (size: number, source?: Source) => new Momentum(size, source),
  trix: (size: number, source?: Source) => new Trix(size, source),
  cmo: (size: number, source?: Source) => new Cmo(size, source),
  williamsR: (size: number) => new WilliamsR(size),
  stochastic: (size?: number, slowing?: number, smoothing?: number) => new Stochastic(size, slowing, smoothing),
  ultimate: (short?: number, middle?: number, long?: number) => new Ultimate(short, middle, long),
  awesome: (fast?: number, slow?: number) => new Awesome(fast, slow),
  cci: (size: number) => new Cci(size),
  fisher: (size?: number) => new Fisher(size),
  aroon: (size?: number) => new Aroon(size),
  vortex: (size?: number) => new Vortex(size),
  di: (size?: number) => new DirectionalMovement(size),
  adx: (size?: number) => new Adx(size),
  psar: (step?: number, largest?: number) => new Psar(step, largest),
  superTrend: (size?: number, multiple?: number) => new SuperTrend(size, multiple),
  ichimoku: (conversion?: number, base?: number, span?: number) => new Ichimoku(conversion, base, span),
  heikinAshi: () => new HeikinAshi(),
  linearRegression: (size: number, source?: Source) => new LinearRegression(size, source),
  linearSlope: (size: number, source?: Source) => new LinearSlope(size, source),
  tr: () => new TrueRange(),
  atr: (size?: number) => new Atr(size),
  natr: (size?: number) => new Natr(size),
  bollinger: (size?: number, width?: number, source?: Source) => new Bollinger(size, width, source),
  keltner: (size?: number, range?: number, multiple?: number) => new Keltner(size, range, multiple),
  donchian: (size?: number) => new Donchian(size),
  choppiness: (size?: number) => new Choppiness(size),
  stdev: (size: number, source?: Source) => new StandardDeviation(size, source),
  zScore: (size: number, source?: Source) => new ZScore(size, source),
  percentRank: (size: number, source?: Source) => new PercentRank(size, source),
  realisedVolatility: (size: number, barsPerYear?: number, source?: Source) =>
    new RealisedVolatility(size, barsPerYear, source),
  obv: () => new Obv(),
  ad: () => new AccumulationDistribution(),
  chaikin: (fast?: number, slow?: number) => new ChaikinOscillator(fast, slow),
  cmf: (size?: number) => new ChaikinMoneyFlow(size),
  mfi: (size?: number) => new MoneyFlowIndex(size),
  vwap: () => new Vwap(),
  rollingVwap: (size: number) => new RollingVwap(size),
  forceIndex: (size?: number) => new ForceIndex(size),
} as const satisfies Readonly<Record<string, (...settings: never[]) => Indicator>>;

/** Those that read what no bar holds: whoever has the numbers feeds them. */
export const perpetualIndicators = {
  fundingAverage: (size: number) => new FundingAverage(size),
  basis: (size?: number) => new Basis(size),
} as const;

export type Indicators = typeof indicators;
