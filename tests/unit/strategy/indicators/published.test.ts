import { describe, expect, it } from '@jest/globals';
import {
  indicators as ind,
  type Indicator,
  type IndicatorBar,
  type Line,
} from '#src/services/strategy/indicators/index.js';

/**
 * Prices of Tulip Indicators' documentation and its regression vectors (tests/untest.txt of
 * TulipCharts/tulipindicators).
 */
const OPEN = [81.85, 81.2, 81.55, 82.91, 83.1, 83.41, 82.71, 82.7, 84.2, 84.25, 84.03, 85.45, 86.18, 88.0, 87.6];
const HIGH = [82.15, 81.89, 83.03, 83.3, 83.85, 83.9, 83.33, 84.3, 84.84, 85.0, 85.9, 86.58, 86.98, 88.0, 87.87];
const LOW = [81.29, 80.64, 81.31, 82.65, 83.07, 83.11, 82.49, 82.3, 84.15, 84.11, 84.03, 85.39, 85.76, 87.17, 87.01];
const CLOSE = [81.59, 81.06, 82.87, 83.0, 83.61, 83.15, 82.84, 83.99, 84.55, 84.36, 85.53, 86.54, 86.89, 87.77, 87.29];
const VOLUME = [
  5653100, 6447400, 7690900, 3831400, 4455100, 3798000, 3936200, 4732000, 4841300, 3915300, 6830800, 6694100, 5293600,
  7985800, 4807900,
];
const TULIP = CLOSE.map((close, i): IndicatorBar => ({
  at: i,
  open: OPEN[i] ?? NaN,
  high: HIGH[i] ?? NaN,
  low: LOW[i] ?? NaN,
  close,
  volume: VOLUME[i] ?? NaN,
}));

const closes = (values: readonly number[]): IndicatorBar[] =>
  values.map((close, at) => ({ at, open: close, high: close, low: close, close, volume: NaN }));

/** Every value of a line from its first. */
function valuesOf<I extends Indicator>(
  indicator: I,
  bars: readonly IndicatorBar[],
  line: (indicator: I) => Line = (each) => each,
): number[] {
  return bars.flatMap((bar) => {
    indicator.update(bar);
    return indicator.ready ? [line(indicator).value] : [];
  });
}

function expectClose(values: readonly number[], wanted: readonly number[], digits = 3): void {
  expect(values).toHaveLength(wanted.length);
  wanted.forEach((value, i) =>
    expect(Math.abs((values[i] ?? NaN) - value)).toBeLessThanOrEqual(0.5001 * 10 ** -digits),
  );
}

describe('Tulip Indicators, test vectors', () => {
  const vectors: readonly [string, () => Indicator, readonly number[], ((indicator: never) => Line)?][] = [
    [
      'sma 5',
      () => ind.sma(5),
      [82.426, 82.738, 83.094, 83.318, 83.628, 83.778, 84.254, 84.994, 85.574, 86.218, 86.804],
    ],
    ['wma 5', () => ind.wma(5), [82.825, 83.066, 83.1, 83.399, 83.809, 84.053, 84.637, 85.399, 86.031, 86.763, 87.121]],
    ['hma 5', () => ind.hma(5), [83.69, 83.038, 83.472, 84.55, 84.835, 85.36, 86.552, 87.346, 87.965, 87.916]],
    [
      'wilders 5',
      () => ind.rma(5),
      [82.426, 82.571, 82.625, 82.898, 83.228, 83.455, 83.87, 84.404, 84.901, 85.475, 85.838],
    ],
    ['kama 5', () => ind.kama(5), [83.56, 83.452, 83.506, 83.647, 83.686, 84.126, 85.026, 85.69, 86.447, 86.673]],
    [
      'vwma 5',
      () => ind.vwma(5),
      [82.332, 82.61, 83.07, 83.354, 83.682, 83.822, 84.409, 85.165, 85.698, 86.418, 86.805],
    ],
    ['rsi 5', () => ind.rsi(5), [72.034, 64.927, 75.936, 79.796, 74.713, 83.033, 87.478, 88.755, 91.483, 78.498]],
    ['stochrsi 5', () => ind.stochRsi(5), [0.658, 1, 1, 1, 1, 0]],
    ['mom 5', () => ind.momentum(5), [1.56, 1.78, 1.12, 1.55, 0.75, 2.38, 3.7, 2.9, 3.22, 2.93]],
    ['cmo 5', () => ind.cmo(5), [44.068, 53.614, 42.105, 50.162, 28.09, 70.414, 90.686, 88.415, 89.444, 75.321]],
    [
      'willr 5',
      () => ind.williamsR(5),
      [-7.477, -23.006, -40.927, -15.5, -11.417, -23.704, -10.278, -0.935, -3.051, -5.793, -17.884],
    ],
    ['stoch 5 3 3', () => ind.stochastic(5, 3, 3), [77.385, 83.126, 84.867, 88.361, 95.246, 96.74, 91.091]],
    [
      'stoch 5 3 3, d',
      () => ind.stochastic(5, 3, 3),
      [75.702, 78.011, 81.793, 85.452, 89.491, 93.449, 94.359],
      (each: { d: Line }) => each.d,
    ],
    [
      'ultosc 2 3 5',
      () => ind.ultimate(2, 3, 5),
      [43.499, 34.044, 65.883, 73.955, 53.388, 64.149, 81.282, 90.186, 86.114, 65.45],
    ],
    ['fisher 5', () => ind.fisher(5), [0.343, 0.791, 0.825, 0.806, 1.066, 1.439, 1.851, 2.275, 2.698, 3.117, 3.185]],
    [
      'fisher 5, trigger',
      () => ind.fisher(5),
      [0, 0.343, 0.791, 0.825, 0.806, 1.066, 1.439, 1.851, 2.275, 2.698, 3.117],
      (each: { trigger: Line }) => each.trigger,
    ],
    ['aroon 5, down', () => ind.aroon(5), [20, 0, 0, 80, 60, 40, 20, 0, 40, 20], (each: { down: Line }) => each.down],
    [
      'aroon 5, up',
      () => ind.aroon(5),
      [100, 80, 100, 100, 100, 100, 100, 100, 100, 80],
      (each: { up: Line }) => each.up,
    ],
    ['aroonosc 5', () => ind.aroon(5), [80, 80, 100, 20, 40, 60, 80, 100, 60, 60]],
    [
      'di 5, plus',
      () => ind.di(5),
      [41.525, 35.436, 28.811, 35.85, 40.268, 36.416, 40.072, 43.468, 41.298, 50.793, 42.981],
      (each: { plus: Line }) => each.plus,
    ],
    [
      'di 5, minus',
      () => ind.di(5),
      [13.771, 11.389, 23.059, 14.815, 12.451, 10.299, 7.084, 5.675, 4.522, 3.673, 5.97],
      (each: { minus: Line }) => each.minus,
    ],
    ['dx 5', () => ind.di(5), [50.192, 51.356, 11.088, 41.517, 52.766, 55.907, 69.955, 76.905, 80.262, 86.511, 75.609]],
    ['adx 5', () => ind.adx(5), [41.384, 44.288, 49.422, 54.918, 59.987, 65.292, 67.355]],
    ['tr', () => ind.tr(), [0.86, 1.25, 1.97, 0.65, 0.85, 0.79, 0.84, 2, 0.85, 0.89, 1.87, 1.19, 1.22, 1.11, 0.86]],
    ['atr 5', () => ind.atr(5), [1.116, 1.051, 1.009, 1.207, 1.136, 1.086, 1.243, 1.233, 1.23, 1.206, 1.137]],
    ['natr 5', () => ind.natr(5), [1.335, 1.264, 1.218, 1.437, 1.343, 1.288, 1.453, 1.424, 1.416, 1.374, 1.302]],
    [
      'bbands 5 2, lower',
      () => ind.bollinger(5, 2),
      [80.53, 80.987, 82.533, 82.472, 82.418, 82.435, 82.511, 83.143, 83.536, 83.87, 85.289],
      (each: { lower: Line }) => each.lower,
    ],
    [
      'bbands 5 2, upper',
      () => ind.bollinger(5, 2),
      [84.322, 84.489, 83.655, 84.164, 84.838, 85.121, 85.997, 86.845, 87.612, 88.566, 88.319],
      (each: { upper: Line }) => each.upper,
    ],
    ['stddev 5', () => ind.stdev(5), [0.948, 0.875, 0.28, 0.423, 0.605, 0.671, 0.871, 0.926, 1.019, 1.174, 0.758]],
    [
      'linreg 5',
      () => ind.linearRegression(5),
      [83.622, 83.722, 83.112, 83.56, 84.172, 84.604, 85.404, 86.21, 86.946, 87.854, 87.754],
    ],
    [
      'linregslope 5',
      () => ind.linearSlope(5),
      [0.598, 0.492, 0.009, 0.121, 0.272, 0.413, 0.575, 0.608, 0.686, 0.818, 0.475],
    ],
    [
      'psar .2 2',
      () => ind.psar(0.2, 2),
      [82.15, 80.64, 80.64, 81.31, 82.65, 83.9, 82.3, 82.3, 82.3, 83.92, 84.03, 84.03, 85.39, 85.76],
    ],
    [
      'obv',
      () => ind.obv(),
      [
        0, -6447400, 1243500, 5074900, 9530000, 5732000, 1795800, 6527800, 11369100, 7453800, 14284600, 20978700,
        26272300, 34258100, 29450200,
      ],
    ],
    [
      'ad',
      () => ind.ad(),
      [
        -1709076.744, -3823823.944, 2436210.94, 2730934.016, 4444434.016, 1031041.611, 375008.278, 3640088.278,
        4411889.727, 2696196.469, 6823899.143, 13067975.613, 17580552.662, 21140487.602, 19463313.184,
      ],
    ],
    ['mfi 5', () => ind.mfi(5), [61.172, 67.308, 62.796, 64.661, 45.238, 67.841, 85.578, 85.963, 87.504, 84.647]],
  ];

  for (const [name, make, wanted, line = (each: Line) => each] of vectors) {
    it(name, () => expectClose(valuesOf(make(), TULIP, line as (indicator: Indicator) => Line), wanted));
  }

  it('cci 5, shown there from the second window on', () => {
    expectClose(valuesOf(ind.cci(5), TULIP).slice(4), [166.667, 82.02, 95.501, 130.912, 99.163, 116.342, 71.928]);
  });

  it('roc 5 is in percent here, a fraction there', () => {
    expectClose(
      valuesOf(ind.roc(5), TULIP).map((value) => value / 100),
      [0.019, 0.022, 0.014, 0.019, 0.009, 0.029, 0.045, 0.035, 0.038, 0.035],
    );
  });

  it('cmo 10 is that of The New Technical Trader (Chande and Kroll, 1994), page 96', () => {
    const prices = [
      101.0313, 101.0313, 101.125, 101.9687, 102.7813, 103, 102.9687, 103.0625, 102.9375, 102.7188, 102.75, 102.9063,
      102.9687,
    ];
    expectClose(valuesOf(ind.cmo(10), closes(prices)), [69.62, 71.4286, 71.0839], 2);
  });
});

describe('StockCharts ChartSchool, worked examples', () => {
  const INTC = [
    22.2734, 22.194, 22.0847, 22.1741, 22.184, 22.1344, 22.2337, 22.4323, 22.2436, 22.2933, 22.1542, 22.3926, 22.3816,
    22.6109, 23.3558, 24.0519, 23.753, 23.8324, 23.9516, 23.6338, 23.8225, 23.8722, 23.6537, 23.187, 23.0976, 23.326,
    22.6805, 23.0976, 22.4025, 22.1725,
  ];

  it('10-day simple average', () => {
    expectClose(
      valuesOf(ind.sma(10), closes(INTC)),
      [
        22.22, 22.21, 22.23, 22.26, 22.31, 22.42, 22.61, 22.77, 22.91, 23.08, 23.21, 23.38, 23.53, 23.65, 23.71, 23.69,
        23.61, 23.51, 23.43, 23.28, 23.13,
      ],
      2,
    );
  });

  it('10-day exponential average, begun with the simple one', () => {
    expectClose(
      valuesOf(ind.ema(10), closes(INTC)).slice(0, 13),
      [22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.8, 22.97, 23.13, 23.28, 23.34, 23.43, 23.51],
      2,
    );
  });
});
