import { units } from '#src/domain/units.js';
import type { PositionReconcileReport } from '#src/ports/core-services/execution.js';
import type { StatusSource } from '#src/ports/market-services/lifecycle.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { OpenOrders } from '#src/ports/runtime-state/open-orders.js';
import type { Suspension } from '#src/ports/strategy/strategy-host.js';
import type { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { SecretRedactor } from '#src/platform/secret-redactor.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { StatusMonitor } from '#src/services/monitor/status-monitor.js';
import { LastDecisionsMap } from '#src/services/runtime/state/last-decisions-map.js';
import { NotedVenueContact } from '#src/services/runtime/state/noted-venue-contact.js';
import { SharedOrderStats } from '#src/services/runtime/state/shared-order-stats.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { MemoryFiles } from '../../support/memory-files.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { RecordingTrace } from '../../support/recording-trace.js';

/** A monitor over what a test can move: the clocks, the disk, the ladder, the venue's answer. */
export function monitorRig(
  options: { sources?: readonly StatusSource[]; directory?: string | undefined } = { directory: '/state' },
) {
  const config = new FakeConfigController(
    testConfig({
      storage:
        options.directory === undefined ? { driver: 'memory' } : { driver: 'memory', directory: options.directory },
    }),
  );
  const scheduler = new ManualScheduler();
  const events = new FakeEventStore();
  const logger = new RecordingLogger();
  const files = new MemoryFiles();
  const redactor = new SecretRedactor();
  const portfolio = new LedgerPortfolio(config, new RecordingTrace());
  const decisions = new LastDecisionsMap();
  const stats = new SharedOrderStats();
  const tightened: string[] = [];
  const changes: (() => void)[] = [];
  const contact = new NotedVenueContact();
  const ladder = {
    state: 'NORMAL',
    tighten: (to: string, reason: string) => (tightened.push(`${to} ${reason}`), Promise.resolve()),
    onChange: (listener: () => void) => (changes.push(listener), () => undefined),
  } as unknown as SafetyLadder;
  const positions: { answer: () => Promise<PositionReconcileReport> } = {
    answer: () => Promise.resolve({ matched: true, drift: {} }),
  };
  const host = { now: 0 };
  const money: { assertHolds: (config: BotConfig) => void } = { assertHolds: () => undefined };
  const suspended: Suspension[] = [];
  const monitor = new StatusMonitor(
    config,
    portfolio,
    { size: 2 } as unknown as OpenOrders,
    decisions,
    stats,
    ladder,
    { reconcile: () => positions.answer() },
    [...(options.sources ?? [])],
    events,
    files,
    redactor,
    scheduler,
    scheduler.clock,
    { monotonic: () => host.now, wall: () => Date.UTC(2026, 0, 1) + host.now },
    logger,
    { suspended: () => suspended },
    money,
    contact,
  );
  portfolio.deposit(units(10_000e8), scheduler.clock.now(), 'opening');
  return {
    config,
    scheduler,
    events,
    logger,
    files,
    host,
    suspended,
    redactor,
    portfolio,
    decisions,
    stats,
    tightened,
    positions,
    ladder: ladder as { state: string },
    /** The ladder has moved. */
    moved: () => changes.forEach((listener) => listener()),
    contact,
    money,
    monitor,
  };
}
