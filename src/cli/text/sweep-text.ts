import type { Json } from '../../ports/storage/event-store.js';
import type { Overfit } from '../../research/sweep/overfit.js';
import { STANDINGS, type ObjectiveName, type Standing } from '../../research/sweep/objective.js';
import type { Trial } from '../../research/sweep/sweep.js';
import type { Notice } from '../command.js';
import { moneyText, percentText } from './format.js';
import { table } from './table.js';

/** Probability of skill below which a best result counts as possibly luck. */
const CONVINCING = 0.95;
const SHOWN_DIGITS = 3;

/** How many trials ended how. */
export type Count = Readonly<Record<Standing, number>>;

export function countOf(trials: readonly Trial[]): Count {
  const counts = Object.fromEntries(STANDINGS.map((standing) => [standing, 0])) as Record<Standing, number>;
  for (const { judgement } of trials) counts[judgement.standing] += 1;
  return counts;
}

const NAMES: Readonly<Record<Standing, string>> = {
  ranked: 'ranked',
  unscored: 'without a value of the objective',
  constraint: 'outside the constraints',
  no_trades: 'without a trade',
  liquidated: 'liquidated',
  failed: 'failed',
};

/** `45 trials: 40 ranked, 3 without a trade, 2 failed`. */
export function countText(trials: readonly Trial[]): string {
  const counts = countOf(trials);
  return `${trials.length} trials: ${STANDINGS.filter((standing) => counts[standing] > 0)
    .map((standing) => `${counts[standing]} ${NAMES[standing]}`)
    .join(', ')}`;
}

export const numberText = (value: number | undefined, digits = SHOWN_DIGITS): string =>
  value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(digits);

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

export function sweepNotices(trials: readonly Trial[], overfit: Overfit | undefined): Notice[] {
  const notices: Notice[] = [];
  const failed = trials.filter(({ error }) => error !== undefined);
  const [first] = [...failed].sort((a, b) => a.number - b.number);
  if (first !== undefined)
    notices.push({
      code: 'W-SWEEP-001',
      message: `${failed.length} trials failed and rank last, the first with ${settingsText(first)}: ${first.error?.code ?? ''} ${first.error?.message ?? ''}`,
    });
  if (overfit?.deflatedSharpe !== undefined && !(overfit.deflatedSharpe >= CONVINCING)) {
    notices.push({
      code: 'W-SWEEP-002',
      message: `The best of ${overfit.trials} trials may be luck: its deflated Sharpe ratio is ${numberText(overfit.deflatedSharpe)}, below ${CONVINCING}.`,
    });
  }
  return notices;
}

export const settingsText = ({ parameters }: Pick<Trial, 'parameters'>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

export const trialJson = ({ number, id, parameters, judgement, figures, traceHash, error }: Trial): Json => ({
  trial: number,
  id,
  parameters,
  standing: judgement.standing,
  score: judgement.score ?? null,
  figures:
    figures === undefined ? null : { ...figures, sharpe: figures.sharpe ?? null, calmar: figures.calmar ?? null },
  traceHash: traceHash ?? null,
  error: error === undefined ? null : { ...error },
});

export const overfitJson = ({ trials, days, deflatedSharpe, expectedBest, overfitting }: Overfit): Json => ({
  trials,
  days,
  deflatedSharpe: deflatedSharpe ?? null,
  expectedBestDailySharpe: expectedBest ?? null,
  probabilityOfOverfitting: overfitting?.probability ?? null,
  splits: overfitting?.splits ?? 0,
});

/** What the progress line says beside the count. */
export const bestText = (best: Trial | undefined, objective: ObjectiveName): string =>
  best?.judgement.standing === 'ranked' ? `best ${objective} ${numberText(best.figures?.[objective])}` : '';
