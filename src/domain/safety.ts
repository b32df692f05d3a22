/** The one safety state, from free to shut. It only tightens by itself; only an operator with a reason loosens it. */
export const SAFETY_STATES = ['NORMAL', 'REDUCE_ONLY', 'HALTED', 'FLATTENING', 'LOCKED'] as const;
export type SafetyState = (typeof SAFETY_STATES)[number];

export const isTighter = (a: SafetyState, b: SafetyState): boolean => a !== b && rankOf(a) > rankOf(b);
export const tightest = (a: SafetyState, b: SafetyState): SafetyState => (isTighter(a, b) ? a : b);

/**
 * Whether an order may be sent. REDUCE_ONLY and FLATTENING let reducing orders through; HALTED lets orders of
 * protection through, which reduce too, and cancels; LOCKED lets nothing through.
 */
export function permits(state: SafetyState, reducing: boolean, protecting = false): boolean {
  if (state === 'NORMAL') return true;
  if (!reducing || state === 'LOCKED') return false;
  return protecting || state !== 'HALTED';
}

/** Asked several times an event: a search in the list would be felt. */
function rankOf(state: SafetyState): number {
  switch (state) {
    case 'NORMAL':
      return 0;
    case 'REDUCE_ONLY':
      return 1;
    case 'HALTED':
      return 2;
    case 'FLATTENING':
      return 3;
    case 'LOCKED':
      return 4;
  }
}
