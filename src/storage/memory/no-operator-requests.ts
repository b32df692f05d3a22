import { injectable } from 'inversify';
import type { OperatorRequest, OperatorRequests } from '../../ports/storage/operator-requests.js';

const NONE: readonly OperatorRequest[] = [];

/** Nobody asks anything of a run over history. */
@injectable()
export class NoOperatorRequests implements OperatorRequests {
  waiting(): readonly OperatorRequest[] {
    return NONE;
  }

  done(): void {
    // None was taken.
  }
}
