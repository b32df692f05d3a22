import { injectable } from 'inversify';
import { messageOf, PerpsBotError } from '../../domain/errors.js';
import { isTighter } from '../../domain/safety.js';
import { RepeatedTask } from '../../flow/repeated-task.js';
import { inject, injectAll } from '../../injection/inject.js';
import { Clock, HostClock } from '../../ports/configuration/clock.js';
import { EventStore, type Payload } from '../../ports/storage/event-store.js';
import { PositionReconciler } from '../../ports/core-services/execution.js';
import { Files } from '../../ports/configuration/files.js';
import { StatusSource } from '../../ports/market-services/lifecycle.js';
import { Logger } from '../../ports/configuration/logger.js';
import { AccountMoney } from '../../ports/runtime-state/account-money.js';
import { OpenOrders } from '../../ports/runtime-state/open-orders.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { VenueContact } from '../../ports/runtime-state/venue-contact.js';
import { Redactor } from '../../ports/configuration/redactor.js';
import { LastDecisions, OrderStats } from '../../ports/runtime-state/runtime-state.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController, type ConfigChange } from '../../ports/configuration/settings/config-controller.js';
import { SystemMonitor, type Health } from '../../ports/core-services/system-monitor.js';
import { StrategyHost } from '../../ports/strategy/strategy-host.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';

/**
 * When positions differ they are compared again this soon: a venue's list of fills may lag that far behind its
 * positions.
 */
const DRIFT_RECHECK_MS = 10_000;

/** health.json of a bot that lives is at most so old, by the host's wall clock: whoever reads it has no other. */
const CYCLES_FRESH = 3;
const SHORTEST_FRESH_MS = 30_000;

/** The files are for eyes and supervisors: while there is no news they are renewed this often on the host. */
const RENEWED_MS = 1_000;
/** Whoever changes a configuration writes by the host's time: cycles of a world that runs faster look no oftener. */
const CONFIG_LOOK_MS = 500;
/** A venue that has answered nothing for so long is gone, and no question was merely late. */
const SILENCE_MS = 30_000;

/** Publishes what the bot is doing: journal, metrics.json, health.json. Never a reason for trading to stop. */
@injectable()
export class StatusMonitor implements SystemMonitor {
  private startedAt: number | undefined;
  /** In what positions differed when they were last compared; undefined when they did not. */
  private drift: string | undefined;
  /** What health.json says, and when on the host it was written; undefined before the first. */
  private told: { readonly what: string; readonly at: number } | undefined;
  /** When metrics.json was written, and whether a cycle has ended since. */
  private measuredAt = Number.NEGATIVE_INFINITY;
  private isBehind = false;
  /** When on the host the configuration was looked at last. */
  private lookedAt = Number.NEGATIVE_INFINITY;
  private readonly reconciliation: RepeatedTask;
  /** Of the newest cycle. */
  private health: Health | undefined;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(OpenOrders) private readonly openOrders: OpenOrders,
    @inject(LastDecisions) private readonly decisions: LastDecisions,
    @inject(OrderStats) private readonly stats: OrderStats,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(PositionReconciler) private readonly positions: PositionReconciler,
    @injectAll(StatusSource) private readonly sources: StatusSource[],
    @inject(EventStore) private readonly events: EventStore,
    @inject(Files) private readonly files: Files,
    @inject(Redactor) private readonly redactor: Redactor,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(HostClock) private readonly hostClock: HostClock,
    @inject(Logger) private readonly logger: Logger,
    @inject(StrategyHost) private readonly strategies: Pick<StrategyHost, 'suspended'>,
    @inject(AccountMoney) private readonly money: Pick<AccountMoney, 'assertHolds'>,
    @inject(VenueContact) private readonly contact: Pick<VenueContact, 'reach'>,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {
    this.reconciliation = new RepeatedTask(
      'position-reconciliation',
      () => {
        const { positionReconcileMs } = config.current.tasks;
        const isSettled = this.drift === undefined && positions.awaitsBalance !== true;
        return isSettled ? positionReconcileMs : Math.min(DRIFT_RECHECK_MS, positionReconcileMs);
      },
      () => this.reconcilePositions(),
      scheduler,
      (error) => logger.error('Position reconciliation failed', { error: messageOf(error) }),
    );
    // A supervisor reads what is, not what was at the end of the newest cycle.
    ladder.onChange(() => {
      if (this.health !== undefined && this.health.running !== false) this.writeHealthStatus(this.health);
    });
  }

  logStatus(): void {
    this.quietly('status', () => {
      const status = this.status();
      this.quietly('cycle metrics', () => this.events.append('cycle_metrics', status));
      if (this.hostClock.monotonic() - this.measuredAt >= RENEWED_MS) this.writeMetrics(status);
      else this.isBehind = true;
    });
  }

  writeHealthStatus(health: Health): void {
    // A bot that stands still until a person has looked is not well, however well its process is.
    const suspended = (this.strategies.suspended?.() ?? []).map(({ instance }) => instance);
    this.health = health;
    const { silentSince } = this.contact.reach;
    const isReached = silentSince === null || this.clock.now() - silentSince < SILENCE_MS;
    const ok = health.ok && isReached && !isTighter(this.ladder.state, 'REDUCE_ONLY') && suspended.length === 0;
    const { running = true, message = '' } = health;
    const silence = isReached ? '' : `the venue is not reached since ${new Date(silentSince).toISOString()}`;
    const error = [health.error ?? '', running ? silence : ''].filter((each) => each !== '').join('; ');
    const safety = this.ladder.state;
    const what = JSON.stringify([ok, running, message, error, safety, suspended]);
    const now = this.hostClock.monotonic();
    // What it tells was as true when it was written, and says when that was.
    if (what === this.told?.what && now - this.told.at < RENEWED_MS) return;
    if (!running && this.isBehind) this.quietly('status', () => this.writeMetrics(this.status()));
    const wall = this.hostClock.wall();
    const cycles = CYCLES_FRESH * this.config.current.updateIntervalMs;
    const freshFor = Math.max(SHORTEST_FRESH_MS, this.scheduler.hostMs?.(cycles) ?? cycles);
    this.quietly('health.json', () => {
      this.writeJson('health.json', {
        ok,
        running,
        timestamp: new Date(this.clock.now()).toISOString(),
        written_at: new Date(wall).toISOString(),
        fresh_until: new Date(wall + freshFor).toISOString(),
        message,
        error,
        safety,
        suspended,
      });
      this.told = { what, at: now };
    });
  }

  checkConfigUpdates(): void {
    const now = this.hostClock.monotonic();
    if (now - this.lookedAt < CONFIG_LOOK_MS) return;
    this.lookedAt = now;
    const change = this.refreshed();
    if (change === undefined) return;
    const fields = Object.keys(change.diff);
    this.logger.warn('Configuration changed', { fields });
    try {
      this.config.apply(change);
    } catch (error) {
      this.logger.error('The changed configuration is in force, but not everyone could follow', {
        fields,
        error: messageOf(error),
      });
    } finally {
      this.config.consumePendingChange();
    }
    this.quietly('config_changed', () => this.events.append('config_changed', { fields }));
  }

  runPositionReconciliation(signal: AbortSignal): Promise<void> {
    return this.reconciliation.runAfterWait(signal);
  }

  /** A valid change, if there is one. */
  private refreshed(): ConfigChange | undefined {
    try {
      const change = this.config.refreshIfChanged();
      if (change !== undefined) this.money.assertHolds(change.updated);
      return change;
    } catch (error) {
      const code = PerpsBotError.is(error) ? error.code : undefined;
      this.logger.error('Configuration change refused; the old one stays', { code, error: messageOf(error) });
      this.config.consumePendingChange();
      return undefined;
    }
  }

  /**
   * Failing to ask is not "flat", and a difference is not nothing: trading pauses either way until both agree. A
   * difference that is still the same at the next look is no fill on its way: it makes the bot careful until a person
   * has looked.
   */
  private async reconcilePositions(): Promise<void> {
    // A venue that wants to be left alone has taken nothing back: entries wait, and what is known stays known.
    if (this.budget.heldUntil(this.clock.now()) !== undefined) return;
    try {
      const { matched, drift } = await this.positions.reconcile();
      this.portfolio.setKnown(matched);
      const differs = matched ? undefined : JSON.stringify(drift);
      const stays = differs !== undefined && differs === this.drift;
      this.drift = differs;
      if (stays) await this.ladder.tighten('REDUCE_ONLY', 'position_drift');
    } catch (error) {
      this.portfolio.setKnown(false);
      this.logger.error('Positions could not be confirmed', { error: messageOf(error) });
    }
  }

  private status(): Payload {
    const { portfolio, config } = this;
    const { unit } = portfolio;
    const now = this.clock.now();
    this.startedAt ??= now;
    return {
      timestamp: new Date(now).toISOString(),
      profile: config.current.profile,
      world: config.current.world,
      safety: this.ladder.state,
      positions_known: portfolio.known,
      equity: unit.of(portfolio.equity).toString(),
      cash: unit.of(portfolio.ledger.cash).toString(),
      margin: unit.of(portfolio.ledger.margin).toString(),
      unrealised: unit.of(portfolio.unrealised).toString(),
      fees: unit.of(portfolio.ledger.income('fees')).toString(),
      funding: unit.of(portfolio.ledger.income('funding')).toString(),
      positions: [...portfolio.positions()]
        .filter((position) => !position.isFlat)
        .map((position) => ({
          symbol: position.instrument.symbol,
          side: position.side ?? 'flat',
          quantity: position.size.abs().toString(),
          entry_price: position.entryPrice?.toString() ?? null,
          mark_price: markText(portfolio, position.instrument.symbol),
        })),
      decisions: Object.fromEntries(
        [...this.decisions.all()].map(([symbol, { decision, at }]) => [
          symbol,
          { action: decision.action, reason: decision.reason, at },
        ]),
      ),
      order_stats: {
        attempted: this.stats.attempted,
        successful: this.stats.successful,
        failed: this.stats.failed,
        others: this.stats.others,
      },
      open_orders: this.openOrders.size,
      uptime_seconds: Math.round((now - this.startedAt) / 1000),
    };
  }

  private writeMetrics(status: Payload): void {
    this.quietly('metrics.json', () => {
      this.writeJson('metrics.json', { ...status, sources: this.collect() });
      this.measuredAt = this.hostClock.monotonic();
      this.isBehind = false;
    });
  }

  private collect(): Record<string, unknown> {
    return Object.fromEntries(this.sources.map((source) => [source.name, statusOf(source)]));
  }

  /** Redacted, and readable whatever a source put into it. */
  private writeJson(name: string, content: Record<string, unknown>): void {
    const { directory } = this.config.current.storage;
    // A directory that is not the one the journal was opened in may be another bot's by now.
    if (directory !== undefined && this.events.inPlace?.() !== false)
      this.files.writeAtomic(
        this.files.join(directory, name),
        `${JSON.stringify(this.redactor.plain(content), null, 2)}\n`,
      );
  }

  private quietly(what: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.logger.error('Status not written', { what, error: messageOf(error) });
    }
  }
}

function markText(portfolio: Portfolio, symbol: string): string | null {
  const mark = portfolio.lastMark(symbol);
  const position = [...portfolio.positions()].find((candidate) => candidate.instrument.symbol === symbol);
  return mark === undefined || position === undefined ? null : position.instrument.markPrice(mark).toString();
}

/** One source that fails costs the others nothing. */
function statusOf(source: StatusSource): Record<string, unknown> {
  try {
    return source.status();
  } catch (error) {
    return { failed: messageOf(error) };
  }
}
