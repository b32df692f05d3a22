/** The one safety state, from free to shut. It only tightens by itself; only an operator with a reason loosens it. */
export const SAFETY_STATES = ['NORMAL', 'REDUCE_ONLY', 'HALTED', 'FLATTENING', 'LOCKED'] as const;
export type SafetyState = (typeof SAFETY_STATES)[number];

export const isTighter = (a: SafetyState, b: SafetyState): boolean => SAFETY_STATES.indexOf(a) > SAFETY_STATES.indexOf(b);
export const tightest = (a: SafetyState, b: SafetyState): SafetyState => (isTighter(a, b) ? a : b);

/** Whether an order may be sent. HALTED and LOCKED let cancels through only; FLATTENING lets reducing orders through. */
export function permits(state: SafetyState, reducing: boolean): boolean {
  return state === 'NORMAL' || (reducing && (state === 'REDUCE_ONLY' || state === 'FLATTENING'));
}
