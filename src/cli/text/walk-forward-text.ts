import type { ObjectiveName } from '../../research/sweep/objective.js';
import { momentsOf } from '../../research/statistics/moments.js';
import { probabilisticSharpe, sharpeSample } from '../../research/statistics/sharpe.js';
import { iso } from '../../backtest/result.js';
import type { Range } from '../../research/walk-forward/windows.js';
import type { Stitched, WalkForwardOutcome, WindowResult } from '../../research/walk-forward/walk-forward.js';
import type { Json } from '../../ports/storage/event-store.js';
import { moneyText } from './format.js';
import { numberText, settingsText, trialJson } from './sweep-text.js';
import { pairs, table } from './table.js';

const DAYS_A_YEAR = 365;

/** What the tests say behind one another, without the search's blessing: there was no choice in them. */
function sharpeOf({ returns }: Stitched): {
  readonly yearly: number | undefined;
  readonly probability: number | undefined;
} {
  const sample = sharpeSample(momentsOf(returns));
  return sample === undefined || returns.length < 10
    ? { yearly: undefined, probability: undefined }
    : { yearly: sample.ratio * Math.sqrt(DAYS_A_YEAR), probability: probabilisticSharpe(sample) };
}

export function walkForwardJson({ windows, stitched, efficiency, consistency, complete }: WalkForwardOutcome): {
  readonly [key: string]: Json;
} {
  const { yearly, probability } = sharpeOf(stitched);
  return {
    complete,
    windows: windows.map(windowJson),
    outOfSample: {
      net: stitched.net,
      growth: stitched.growth,
      trades: stitched.trades,
      days: stitched.returns.length,
      sharpe: yearly ?? null,
      probabilisticSharpe: probability ?? null,
      equity: [...stitched.equity],
    },
    efficiency: efficiency ?? null,
    consistency: consistency ?? null,
  };
}

const rangeJson = ({ from, to, bars }: Range): Json => ({ from: iso(from), to: iso(to), bars });

const windowJson = ({ window, trials, chosen, test, error }: WindowResult): Json => ({
  window: window.number,
  train: rangeJson(window.train),
  test: rangeJson(window.test),
  trials,
  chosen: chosen === undefined ? null : trialJson(chosen),
  outOfSample:
    test === undefined
      ? null
      : {
          id: test.id,
          net: test.net,
          score: test.judgement.score ?? null,
          standing: test.judgement.standing,
          figures: { ...test.figures, sharpe: test.figures.sharpe ?? null, calmar: test.figures.calmar ?? null },
          traceHash: test.traceHash,
        },
  error: error === undefined ? null : { ...error },
});

export function walkForwardText(symbol: string, objective: ObjectiveName, outcome: WalkForwardOutcome): string {
  const { windows, stitched, efficiency, consistency } = outcome;
  const { yearly, probability } = sharpeOf(stitched);
  const rows = windows.map(({ window, chosen, test, error }) => [
    String(window.number),
    `${iso(window.test.from).slice(0, 16)} + ${window.test.bars}`,
    chosen === undefined ? 'none' : settingsText(chosen),
    numberText(chosen?.figures?.[objective]),
    test === undefined ? (error?.code ?? '-') : numberText(test.figures[objective]),
    ...(objective === 'net' ? [] : [test === undefined ? '-' : moneyText(test.net, true)]),
    test === undefined ? '-' : String(test.figures.trades),
  ]);
  return [
    `${symbol}: ${windows.length} windows, ${windows.reduce((sum, { trials }) => sum + trials, 0)} trials in training`,
    table(
      [
        'window',
        'test from',
        'chosen',
        `${objective} in`,
        `${objective} out`,
        ...(objective === 'net' ? [] : ['net out']),
        'trades',
      ],
      rows,
      [0, 3, 4, 5, 6],
    ),
    'Out of sample:',
    pairs([
      ['Net', moneyText(stitched.net, true)],
      ['Growth', `${numberText((stitched.growth - 1) * 100, 2)} %`],
      ['Sharpe', `${numberText(yearly)} (probability above zero ${numberText(probability)})`],
      ['Efficiency', `${numberText(efficiency)} of the training's ${objective}`],
      ['Windows that earned', consistency === undefined ? '-' : `${numberText(consistency * 100, 0)} %`],
    ]),
  ].join('\n');
}
