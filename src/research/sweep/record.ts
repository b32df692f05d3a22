import { fault } from '../../domain/errors.js';
import { canonicalJson } from '../../platform/canonical-json.js';
import type { Json } from '../../ports/storage/event-store.js';
import { assertSameData, planKey, type SweepPlan } from './plan.js';

/** What stands in a sweep's directory beside its results: what they are results of. */
export interface SweepRecord {
  readonly [key: string]: Json;
  readonly version: 1;
  readonly kind: 'optimize' | 'walk-forward';
  readonly plan: SweepPlan;
  /** Space, search, seed, objective, windows: whatever decides which jobs are run. */
  readonly task: Json;
}

export const RECORD_FILE = 'sweep.json';
const FIX = 'Name another directory with --out, or give the command as it was given.';

/**
 * Whether a directory may be used: a new one freely, one that was begun only to go on with the same work. Throws
 * SWEEP-004 where a sweep is in the way, SWEEP-003 where data, build, configuration or search are others.
 */
export function checkRecord(before: string | undefined, record: SweepRecord, resume: boolean, where: string): void {
  if (before === undefined) {
    if (resume)
      throw fault('SWEEP-004', `--resume must find a sweep, and there is none in ${where}.`, {
        where,
        fix: 'Leave --resume away to begin one.',
      });
    return;
  }
  if (!resume)
    throw fault('SWEEP-004', `${where} must be a new directory, and holds a sweep.`, {
      where,
      fix: 'Go on with it with --resume, or name another directory with --out.',
    });
  const old = parse(before, where);
  assertSameData(old.plan.data, record.plan.data, where);
  if (old.plan.build !== record.plan.build) {
    throw fault(
      'SWEEP-003',
      `The build must be ${old.plan.build}, as when the sweep was begun, was ${record.plan.build}.`,
      {
        where,
        why: 'Results of two programs would be compared with each other.',
        fix: 'Begin a new sweep in another directory.',
      },
    );
  }
  if (planKey(old.plan) !== planKey(record.plan))
    throw fault('SWEEP-003', 'The configuration must be that of the sweep, and is another.', { where, fix: FIX });
  if (old.kind !== record.kind || canonicalJson(old.task) !== canonicalJson(record.task))
    throw fault(
      'SWEEP-003',
      'Parameters, search, seed, objective and windows must be those of the sweep, and are others.',
      { where, fix: FIX },
    );
}

function parse(text: string, where: string): SweepRecord {
  try {
    const record = JSON.parse(text) as SweepRecord;
    if (record.version === 1 && typeof record.plan.build === 'string') return record;
  } catch {
    // Said below.
  }
  throw fault('SWEEP-004', `${where} must hold a sweep that can be read, and its ${RECORD_FILE} cannot.`, {
    where,
    fix: 'Name another directory with --out.',
  });
}
