import { injectable } from 'inversify';
import { messageOf } from '../../../domain/errors.js';
import { DAY_MS, MINUTE_MS } from '../../../domain/time-spans.js';
import { inject } from '../../../injection/inject.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import { ExecutionEngine, RuntimeGuards, type GuardReport } from '../../../ports/core-services/execution.js';
import type { StatusSource } from '../../../ports/market-services/lifecycle.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { RiskManager } from '../../../ports/core-services/risk-manager.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { SeriesStore } from '../../../ports/runtime-state/series.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { WindowStore } from '../../../ports/runtime-state/window-store.js';
import { reducingOf } from '../../../flow/spared-protection.js';
import { tighten } from '../../../flow/tighten.js';
import { BlindGuards } from './blind-guards.js';
import { GuardCounters, GuardFailure } from './guard-failure.js';
import { guardSet, type Guard } from './guard-set.js';
import { VenuePositions } from './venue-positions.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';

const LOSS_CANCEL = 'daily_loss_limit';
interface Round {
  readonly ran: string[];
  readonly tripped: string[];
  readonly failures: GuardFailure[];
}

/**
 * Runs every guard on its own, whatever the others do, and acts once at the end: resting orders but those of protection
 * are cancelled on the day's first loss breach; a failure that must not be traded through, or guards blind for too
 * long, tighten to REDUCE_ONLY.
 */
@injectable()
export class OrderedRuntimeGuards implements RuntimeGuards, StatusSource {
  readonly name = 'guards';
  private readonly guards: readonly Guard[];
  private readonly positions: VenuePositions;
  private readonly counters = new GuardCounters();
  private readonly blind: BlindGuards;
  /** The day on which a loss breach has cancelled what rests; NaN for none, undefined before the journal was read. */
  private cancelledDay: number | undefined;
  private running: Promise<GuardReport> | undefined;
  private last: (GuardReport & { readonly at: number }) | undefined;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(AccountAccess) account: AccountAccess,
    @inject(RiskManager) risk: RiskManager,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(SeriesStore) series: SeriesStore,
    @inject(WindowStore) windows: WindowStore,
    @inject(ExecutionEngine) private readonly engine: ExecutionEngine,
    @inject(EventStore) private readonly events: EventStore,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) budget: RequestBudget = UNLIMITED,
  ) {
    this.blind = new BlindGuards(events);
    this.positions = new VenuePositions(account, budget);
    this.guards = guardSet({ config, risk, portfolio, series, windows, positions: this.positions, logger });
    portfolio.onFill(() => this.positions.invalidate());
  }

  /** Never rejects. A call during a round joins that round. */
  runAll(now: number): Promise<GuardReport> {
    this.running ??= this.round(now).finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  status(): Record<string, unknown> {
    return { last: this.last, blindSince: Object.fromEntries(this.blind.since()), counters: this.counters.all() };
  }

  private async round(now: number): Promise<GuardReport> {
    const round: Round = { ran: [], tripped: [], failures: [] };
    for (const guard of this.guards) await this.runOne(guard, round, now);
    if (round.tripped.includes('daily_loss')) await this.cancelOnce(round, now);
    this.tightenOnce(round, now);
    const failed = round.failures.map(({ guard, recoverable, message }) => ({ guard, recoverable, message }));
    this.last = { at: now, ran: round.ran, tripped: round.tripped, failed };
    return { ran: round.ran, tripped: round.tripped, failed };
  }

  private async runOne(guard: Guard, round: Round, now: number): Promise<void> {
    round.ran.push(guard.name);
    try {
      await guard.evaluate(now, (what) => round.tripped.push(what));
      this.blind.evaluated(guard.name);
      this.counters.success(guard.name);
    } catch (error) {
      this.fail(GuardFailure.of(guard.name, error), round);
      this.blind.failed(guard.name, now);
    }
  }

  private fail(failure: GuardFailure, round: Round): void {
    round.failures.push(failure);
    this.counters.failure(failure);
    const fields = { guard: failure.guard, category: failure.category, error: failure.message };
    if (failure.recoverable) this.logger.warn('Guard could not be evaluated', fields);
    else this.logger.error('Guard failed', fields);
  }

  /** Once a day, and again until the venue has confirmed every cancellation. A restart does not make it a new day. */
  private async cancelOnce(round: Round, now: number): Promise<void> {
    const day = Math.floor(now / DAY_MS);
    this.cancelledDay ??= this.journaledCancellation();
    if (this.cancelledDay === day) return;
    try {
      const { unconfirmed } = await this.engine.cancelAll(LOSS_CANCEL, reducingOf(this.portfolio));
      if (unconfirmed.length === 0) this.cancelledDay = day;
      else this.logger.warn('Orders may still be live after the daily-loss cancel', { orders: unconfirmed });
    } catch (error) {
      this.fail(
        new GuardFailure('daily_loss', 'action', `Orders could not be cancelled: ${messageOf(error)}`, error),
        round,
      );
    }
  }

  private journaledCancellation(): number {
    const [done] = this.events.fold(FOLDS.lossCancels);
    return Math.floor((done?.at ?? Number.NaN) / DAY_MS);
  }

  private tightenOnce(round: Round, now: number): void {
    if (round.failures.some(({ recoverable }) => !recoverable)) {
      tighten(this.ladder, 'REDUCE_ONLY', 'guard_failure', this.logger);
      return;
    }
    const patience = this.config.current.risk.blindGuardMinutes * MINUTE_MS;
    for (const [guard, since] of this.blind.since()) {
      // Telemetry informs people; nothing is risked by trading without it.
      if (guard === 'pnl_telemetry' || now - since < patience) continue;
      tighten(this.ladder, 'REDUCE_ONLY', 'blind_guards', this.logger);
      return;
    }
  }
}
