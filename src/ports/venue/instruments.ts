import type { InstrumentSpec } from '../../domain/instrument.js';
import { token } from '../../injection/token.js';

/** What the venue trades, and by which rules. */
export interface Instruments {
  listProducts(): Promise<readonly InstrumentSpec[]>;
}
export const Instruments = token<Instruments>('Instruments');
