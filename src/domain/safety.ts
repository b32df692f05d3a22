/** The one safety state, from free to shut. It only tightens by itself; only an operator with a reason loosens it. */
export const SAFETY_STATES = ['NORMAL', 'REDUCE_ONLY', 'HALTED', 'FLATTENING', 'LOCKED'] as const;
export type SafetyState = (typeof SAFETY_STATES)[number];

export const isTighter = (a: SafetyState, b: SafetyState): boolean => a !== b && rankOf(a) > rankOf(b);
/**
 * Whether what is asked for takes the place of the state that holds: when it is tighter, and when a person halts a
 * flattening. That stands higher, and sends more: nobody's halt may leave it running.
 */
export const takesOver = (asked: SafetyState, held: SafetyState, byPerson: boolean): boolean =>
  isTighter(asked, held) || (byPerson && asked === 'HALTED' && held === 'FLATTENING');

/** Whether somebody has let go: a halt in the place of a flattening is none. */
export const loosens = (from: SafetyState, to: SafetyState): boolean =>
  isTighter(from, to) && !takesOver(to, from, true);

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

/**
 * Whether an open order may be changed. What protects may, in every state but LOCKED; anything else in NORMAL, and in
 * REDUCE_ONLY where the change neither adds nor gives more away, or the order can only reduce.
 */
export function permitsChange(state: SafetyState, reducing: boolean, protecting: boolean, isLarger: boolean): boolean {
  if (state === 'NORMAL') return true;
  if (protecting) return state !== 'LOCKED';
  return state === 'REDUCE_ONLY' && (reducing || !isLarger);
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
