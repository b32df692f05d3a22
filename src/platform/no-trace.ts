import { injectable } from 'inversify';
import type { Trace } from '../ports/runtime-state/trace.js';

/**
 * Of a world that cannot be run again: what happens live is in the journal, and to hash it too is a tenth of the way of
 * an order.
 */
@injectable()
export class NoTrace implements Trace {
  readonly records = 0;

  header(): void {
    // Nothing is kept.
  }

  decision(): void {
    // Nothing is kept.
  }

  order(): void {
    // Nothing is kept.
  }

  fill(): void {
    // Nothing is kept.
  }

  funding(): void {
    // Nothing is kept.
  }

  posting(): void {
    // Nothing is kept.
  }

  digest(): string {
    return '';
  }
}
