import { JournalPart } from '../../src/storage/journal-part.js';
import { JournaledOrdersStore } from '../../src/storage/journaled-orders-store.js';
import { DurableSafetyLadder } from '../../src/services/risk/durable-safety-ladder.js';
import { CrashLatch } from '../../src/services/runtime/crash-latch.js';
import { Clock } from '../../src/ports/configuration/clock.js';
import { AccountLock } from '../../src/ports/storage/account-lock.js';
import { EventStore } from '../../src/ports/storage/event-store.js';
import { Lifecycle } from '../../src/ports/market-services/lifecycle.js';
import { OrdersStore } from '../../src/ports/storage/orders-store.js';
import { SafetyLadder } from '../../src/ports/storage/safety-ladder.js';
import { OperatorRequests } from '../../src/ports/storage/operator-requests.js';
import { phase } from '../phase.js';

/**
 * The journal (from the world), what is folded from it, and the safety state that must be durable. Starts first, stops
 * last.
 */
export const storagePhase = phase({
  name: 'storage',
  requires: [EventStore, AccountLock, OperatorRequests, Clock],
  bind({ bind }) {
    bind(OrdersStore).to(JournaledOrdersStore).inSingletonScope();
    bind(SafetyLadder).to(DurableSafetyLadder).inSingletonScope();
    bind(Lifecycle).to(JournalPart).inSingletonScope();
    bind(Lifecycle).to(CrashLatch).inSingletonScope();
  },
});
