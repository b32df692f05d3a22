import { takesOver, type SafetyState } from '../../domain/safety.js';
import { standingRequest } from '../../flow/standing-request.js';
import type { OperatorRequest } from '../../ports/storage/operator-requests.js';
import type { JournalState } from './journal-state.js';
import { isInTime, RESUME_WITHIN_MS } from './waiting-requests.js';

/** What a bot that does not run will do when it is started, as far as its state directory tells. */
export interface NextStart {
  /** The state it begins in; null where the journal cannot be read. */
  readonly state: string | null;
  readonly reason: string | null;
  readonly actor: string | null;
  /** The request that lifts that state once bot and venue agree; null when none waits. */
  readonly resume: {
    readonly actor: string;
    readonly reason: string;
    /** Epoch milliseconds; a start after it does not resume. */
    readonly until: number;
    /** Too old by now, or from a clock that was ahead: it will be put away. */
    readonly lapsed: boolean;
  } | null;
}

/**
 * The requests as the next start takes them: what tightens first, the newest of the tightest with its reason; then the
 * newest to resume, unless something that tightens is newer.
 */
export function nextStart(known: JournalState | null, waiting: readonly OperatorRequest[], now: number): NextStart {
  const standing = standingRequest(waiting);
  const stored = known === null ? undefined : (known.state as SafetyState);
  const begins =
    standing !== undefined &&
    (stored === undefined || stored === standing.state || takesOver(standing.state, stored, true))
      ? { state: standing.state, reason: standing.request.reason, actor: standing.request.actor }
      : { state: stored ?? null, reason: known?.reason ?? null, actor: known?.actor ?? null };
  const newest = waiting.findLast(({ command }) => command !== 'strategy resume');
  if (newest?.command !== 'resume') return { ...begins, resume: null };
  const { actor, reason, at } = newest;
  return { ...begins, resume: { actor, reason, until: at + RESUME_WITHIN_MS, lapsed: !isInTime(at, now) } };
}
