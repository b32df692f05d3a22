import type { JobQueue } from '../ports/research/job-queue.js';
import type { Json } from '../ports/storage/event-store.js';
import type { Overfit } from '../research/sweep/overfit.js';
import { STANDINGS, type Standing } from '../research/sweep/objective.js';
import type { Trial } from '../research/sweep/sweep.js';
import type { Notice } from './run-watch.js';
import type { SweepSession } from './sweep-session.js';

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

export const resumeNotice = (directory: string): Notice => ({
  code: 'W-SWEEP-003',
  message: `Stopped before the end; what was done is kept. Give the same command with --out ${directory} --resume to go on.`,
});

/** Whoever gives a command again is told that nothing was computed anew. */
export const knownNotices = ({ known, directory }: Pick<SweepSession, 'known' | 'directory'>): Notice[] =>
  known === 0
    ? []
    : [
        {
          code: 'W-SWEEP-006',
          message: `${known} results of the same data, settings and program stood in ${directory} and were taken.`,
        },
      ];

/** Whoever else writes to a queue is not heard, and not passed over in silence. */
export const droppedNotices = ({ dropped = 0 }: Pick<JobQueue, 'dropped'>): Notice[] =>
  dropped === 0
    ? []
    : [
        {
          code: 'W-SWEEP-005',
          message: `${dropped} results came from the queue that this sweep had not asked for, or that nobody with its secret had signed. They were dropped.`,
        },
      ];

/** `shortMa=10 longMa=50`. */
export const settingsText = ({ parameters }: Pick<Trial, 'parameters'>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

export const numberText = (value: number | undefined, digits = SHOWN_DIGITS): string =>
  value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(digits);
