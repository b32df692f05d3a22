import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { OperatorControl } from '../../ports/core-services/operator-control.js';
import type { Lifecycle } from '../../ports/market-services/lifecycle.js';

/** Starts once the account is connected: from then on a request to resume can be looked into. */
@injectable()
export class HonouredRequests implements Lifecycle {
  readonly name = 'operator-requests';

  constructor(@inject(OperatorControl) private readonly control: OperatorControl) {}

  start(): void {
    this.control.honour();
  }

  stop(): void {
    this.control.close();
  }
}
