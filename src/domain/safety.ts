/** The one safety state, from free to shut. It only tightens by itself; only an operator with a reason loosens it. */
export const SAFETY_STATES = ['NORMAL', 'REDUCE_ONLY', 'HALTED', 'FLATTENING', 'LOCKED'] as const;
export type SafetyState = (typeof SAFETY_STATES)[number];

export const isTighter = (a: SafetyState, b: SafetyState): boolean => a !== b && rankOf(a) > rankOf(b);
export const tightest = (a: SafetyState, b: SafetyState): SafetyState => (isTighter(a, b) ? a : b);

/**
 * Whether an order may be sent. HALTED and LOCKED let cancels through only; FLATTENING lets reducing orders through.
 */
export function permits(state: SafetyState, reducing: boolean): boolean {
  return state === 'NORMAL' || (reducing && (state === 'REDUCE_ONLY' || state === 'FLATTENING'));
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
