import { hold, type Decision } from '../../../domain/decision.js';

export const BETWEEN_BARS = hold('Bar not finished');
/** Why entries that rested through a restart are withdrawn, unless they are kept. */
export const BARS_HAVE_PASSED = 'onRestart: bars have passed since';
export const WARMING_UP = hold('Indicators are warming up');
const SUSPENDED = hold('Suspended: nothing is entered');
const SUSPENDED_IN_POSITION = hold(
  'Suspended: stop, targets and time stop go on, what its handlers would decide does not',
);
export const NOTHING_ASKED = hold('onBar asked for nothing');

/** Why a strategy that is suspended is not asked. */
export const suspendedHold = (isFlat: boolean): Decision => (isFlat ? SUSPENDED : SUSPENDED_IN_POSITION);

/** Reasons of holds that are kept as one object each. */
const KEPT_REASONS = 64;

/** One object for each reason: a hold that is repeated is journaled once. */
export class KeptHolds {
  private readonly holds = new Map<string, Decision>();

  of(why: string): Decision {
    let decision = this.holds.get(why);
    if (decision === undefined) {
      decision = hold(why);
      if (this.holds.size < KEPT_REASONS) this.holds.set(why, decision);
    }
    return decision;
  }
}
