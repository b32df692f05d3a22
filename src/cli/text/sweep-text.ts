import type { Overfit } from '../../research/sweep/overfit.js';
import { STANDINGS, type ObjectiveName, type Standing } from '../../research/sweep/objective.js';
import type { Trial } from '../../research/sweep/sweep.js';
import { countOf, numberText } from '../../runs/trial-json.js';
import { moneyText, percentText } from './format.js';
import { table } from './table.js';

const NAMES: Readonly<Record<Standing, string>> = {
  ranked: 'ranked',
  unscored: 'without a value of the objective',
  constraint: 'outside the constraints',
  no_trades: 'without a fill',
  liquidated: 'liquidated',
  failed: 'failed',
};

/** `45 trials: 40 ranked, 3 without a fill, 2 failed`. */
export function countText(trials: readonly Trial[]): string {
  const counts = countOf(trials);
  return `${trials.length} trials: ${STANDINGS.filter((standing) => counts[standing] > 0)
    .map((standing) => `${counts[standing]} ${NAMES[standing]}`)
    .join(', ')}`;
}

/** The best first, a row each; what could not be ranked says why. */
export function trialTable(trials: readonly Trial[], shown: number): string {
  const names = Object.keys(trials[0]?.parameters ?? {});
  const head = ['#', ...names, 'sharpe', 'calmar', 'net', 'drawdown', 'trades', ''];
  const rows = trials
    .slice(0, shown)
    .map(({ parameters, figures, judgement, error }, index) => [
      String(index + 1),
      ...names.map((name) => parameters[name] ?? ''),
      numberText(figures?.sharpe),
      numberText(figures?.calmar),
      figures === undefined ? '-' : moneyText(figures.net.toFixed(8), true),
      figures === undefined ? '-' : percentText(figures.maxDrawdown.toString()),
      figures === undefined ? '-' : String(figures.trades),
      judgement.standing === 'ranked'
        ? ''
        : `${NAMES[judgement.standing]}${error === undefined ? '' : ` ${error.code}`}`,
    ]);
  return table(head, rows, head.map((_, index) => index).slice(0, -1));
}

export function overfitText({ deflatedSharpe, overfitting, trials, days }: Overfit): string {
  const deflated = `Deflated Sharpe of the best ${numberText(deflatedSharpe)} (probability that it is skill, after ${trials} trials over ${days} days)`;
  return overfitting === undefined
    ? deflated
    : `${deflated}\nProbability of overfitting ${numberText(overfitting.probability)} over ${overfitting.splits} splits`;
}

/** What the progress line says beside the count. */
export const bestText = (best: Trial | undefined, objective: ObjectiveName): string =>
  best?.judgement.standing === 'ranked' ? `best ${objective} ${numberText(best.figures?.[objective])}` : '';
