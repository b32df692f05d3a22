import { protects } from '../../domain/order-state.js';
import type { Spares } from '../../ports/core-services/execution.js';

export type Tightening = 'halt' | 'reduce-only';

/** The state that a command asks for, and the orders that it leaves where they are. */
export const TIGHTENINGS = {
  halt: { to: 'HALTED', spares: protects },
  'reduce-only': { to: 'REDUCE_ONLY', spares: ({ reduceOnly }) => reduceOnly },
} as const satisfies Record<Tightening, { readonly to: string; readonly spares: Spares }>;
