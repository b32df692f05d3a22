import { injectable } from 'inversify';
import type { OrderStats } from '../../../ports/runtime-state/runtime-state.js';

/** Plain counters, shared by identity. */
@injectable()
export class SharedOrderStats implements OrderStats {
  attempted = 0;
  successful = 0;
  failed = 0;
  others = 0;
}
