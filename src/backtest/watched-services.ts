import { inject, injectable } from 'inversify';
import { token } from '../injection/token.js';
import { OrderLog } from '../ports/core-services/execution.js';
import { SimulatedExchange } from '../ports/core-services/simulated-exchange.js';
import { TradingCycle } from '../ports/market-services/trading-cycle.js';
import { Portfolio } from '../ports/runtime-state/portfolio.js';
import { GateLedger, PendingWork } from '../ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '../ports/storage/safety-ladder.js';
import { AccountAccess } from '../ports/venue/account-access.js';

/** What whoever watches a run may look at, while it runs and afterwards. Nothing here acts. */
@injectable()
export class ObservedServices {
  constructor(
    @inject(Portfolio) readonly portfolio: Portfolio,
    @inject(SimulatedExchange) readonly exchange: Pick<SimulatedExchange, 'fills' | 'fundings'>,
    // The run waits for what a watcher asks the account.
    @inject(PendingWork) readonly pending: Pick<PendingWork, 'track'>,
    @inject(OrderLog) readonly orders: Pick<OrderLog, 'onChange' | 'find'>,
    @inject(AccountAccess) readonly broker: Pick<AccountAccess, 'listPositions'>,
    @inject(SafetyLadder) readonly safety: Pick<SafetyLadder, 'onChange'>,
    @inject(GateLedger) readonly gates: Pick<GateLedger, 'report' | 'reasons' | 'cuts' | 'failure'>,
    @inject(TradingCycle) readonly cycle: Pick<TradingCycle, 'cycles'>,
  ) {}
}

export type WatchedServices = Readonly<ObservedServices>;
export const WatchedServices = token<WatchedServices>('WatchedServices');
