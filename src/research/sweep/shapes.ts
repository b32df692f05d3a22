import { fault } from '../../domain/errors.js';
import type { JobOutcome } from '../../ports/research/job-queue.js';
import type { JobSpec, SweepPlan } from './plan.js';

/* What comes from another machine, or from a file, is looked at again before it is believed. */

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Test = (value: unknown) => boolean;
const isText: Test = (value) => typeof value === 'string';
const isHash: Test = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isInstant: Test = (value) => Number.isSafeInteger(value);
const isCount: Test = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isAmount: Test = (value) => typeof value === 'string' && /^-?\d{1,60}(\.\d{1,60})?$/.test(value);
const orNull =
  (test: Test): Test =>
  (value) =>
    value === null || test(value);
const recordOf =
  (test: Test): Test =>
  (value) =>
    isRecord(value) && Object.values(value).every(test);
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);
const shaped =
  (tests: Readonly<Record<string, Test>>): Test =>
  (value) =>
    isRecord(value) && Object.entries(tests).every(([key, test]) => test(value[key]));

const FROM_FILES = shaped({ symbol: orNull(isText), data: isHash, funding: orNull(isHash) });
const FROM_CATALOG = shaped({
  catalog: shaped({
    symbols: listOf(isText),
    kinds: listOf(isText),
    intervalMs: orNull(isCount),
    since: orNull(isInstant),
    until: orNull(isInstant),
  }),
});
const PLAN = shaped({
  version: (value) => value === 1,
  build: isText,
  data: shaped({
    symbol: isText,
    intervalMs: isCount,
    length: isCount,
    bars: isText,
    funding: orNull(isText),
    others: orNull(isText),
  }),
  files: (value) => FROM_FILES(value) || FROM_CATALOG(value),
  strategy: orNull(isText),
  inputs: recordOf(isHash),
  config: isRecord,
});
const SPEC = shaped({
  plan: isHash,
  parameters: recordOf(isText),
  from: isInstant,
  to: isInstant,
  warmup: (value) => value === 'inside' || value === 'before',
  resample: (value) => value === undefined || RESAMPLE(value),
});
const RESAMPLE = shaped({
  blockLength: (value) => typeof value === 'number' && value > 0,
  seed: isCount,
  path: isCount,
});
const RESULT = shaped({
  result: shaped({
    trades: isCount,
    fills: isCount,
    pnl: shaped({ net: isAmount }),
    maxDrawdown: isAmount,
    sharpe: shaped({ value: orNull(isAmount) }),
    traceHash: isText,
  }),
  from: isInstant,
  to: isInstant,
  liquidations: isCount,
  equity: (value) => typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
});
const FAILURE = shaped({ code: isText, message: isText, fix: (value) => value === undefined || isText(value) });

/** A job as a sweep hands it in. Throws SWEEP-006. */
export function jobIn(value: unknown): { readonly plan: SweepPlan; readonly spec: JobSpec } {
  if (isRecord(value) && PLAN(value['shared']) && SPEC(value['payload']))
    return { plan: value['shared'] as SweepPlan, spec: value['payload'] as JobSpec };
  throw fault('SWEEP-006', 'A job from the queue must have the shape of a job, and has not.', {
    fix: 'Empty the queue and begin again.',
  });
}

/** Whether a value is what a job comes to: figures are read from it without looking again. */
export const isOutcome = (value: unknown): value is JobOutcome =>
  isRecord(value) &&
  (value['ok'] === true ? RESULT(value['result']) : value['ok'] === false && FAILURE(value['error']));

/** The outcome of a job, wherever it was done. One of another shape is a failure of the job. */
export const outcomeIn = (value: unknown): JobOutcome =>
  isOutcome(value)
    ? value
    : {
        ok: false,
        error: { code: 'SWEEP-006', message: 'The result of a job must have the shape of a result, and has not.' },
      };
