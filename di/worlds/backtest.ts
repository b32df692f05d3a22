import { DeadManSwitch } from '../../src/ports/core-services/dead-man-switch.js';
import { AssumedDeadManSwitch } from '../../src/services/execution/protection/away/assumed-dead-man-switch.js';
import { BacktestRunner } from '../../src/backtest/backtest-runner.js';
import { DrivenServices, PumpServices } from '../../src/backtest/pump-services.js';
import { PumpedBacktestRunner } from '../../src/backtest/pumped-backtest-runner.js';
import { ObservedServices, WatchedServices } from '../../src/backtest/watched-services.js';
import { NoAccountLock } from '../../src/storage/memory/no-account-lock.js';
import { NoOperatorRequests } from '../../src/storage/memory/no-operator-requests.js';
import { NoExchangeStore } from '../../src/venues/simulated/persistence/no-exchange-store.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { ExchangeStore } from '../../src/ports/core-services/simulated-exchange.js';
import { AccountLock } from '../../src/ports/storage/account-lock.js';
import { OperatorRequests } from '../../src/ports/storage/operator-requests.js';
import type { WorldBindings } from '../phase.js';
import { bindNoDoor } from './door.js';
import { bindExchange } from './paper.js';
import { bindJournal } from './stores.js';
import { bindVirtualTime } from './time.js';
import { bindTrace } from './traces.js';

/**
 * History: time moves with the bars that the runner plays, the exchange inside forgets when the run ends, nothing
 * leaves the process.
 */
export const backtestWorld = (config: BotConfig): WorldBindings => ({
  configuration: bindVirtualTime,
  'runtime-state': bindTrace,
  storage: (binder) => {
    bindJournal(binder, config.storage.driver);
    binder.bind(AccountLock).to(NoAccountLock).inSingletonScope();
    binder.bind(OperatorRequests).to(NoOperatorRequests).inSingletonScope();
    binder.bind(ExchangeStore).to(NoExchangeStore).inSingletonScope();
  },
  'core-services': (binder) => {
    bindNoDoor(binder);
    binder.bind(DeadManSwitch).to(AssumedDeadManSwitch).inSingletonScope();
    bindExchange(binder);
  },
  // In the phase of the cycle that it repeats.
  'market-services': ({ bind }) => {
    bind(PumpServices).to(DrivenServices).inSingletonScope();
    bind(WatchedServices).to(ObservedServices).inSingletonScope();
    bind(BacktestRunner).to(PumpedBacktestRunner).inSingletonScope();
  },
});
