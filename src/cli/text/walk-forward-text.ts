import type { ObjectiveName } from '../../research/sweep/objective.js';
import { iso } from '../../backtest/result.js';
import type { WalkForwardOutcome } from '../../research/walk-forward/walk-forward.js';
import { numberText, settingsText } from '../../runs/trial-json.js';
import { sharpeOf } from '../../runs/walk-forward-json.js';
import { moneyText } from './format.js';
import { pairs, table } from './table.js';

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
