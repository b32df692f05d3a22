import { randomUUID } from 'node:crypto';
import { injectable } from 'inversify';
import { fault, messageOf } from '../../domain/errors.js';
import { protects } from '../../domain/order-state.js';
import { withDeadline } from '../../flow/deadline.js';
import { inject } from '../../injection/inject.js';
import { Clock, HostClock } from '../../ports/configuration/clock.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';
import { Logger } from '../../ports/configuration/logger.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { AccountReview } from '../../ports/core-services/account-review.js';
import { EntryPermit } from '../../ports/core-services/entry-permit.js';
import { ExecutionEngine, OrderLog, type Spares } from '../../ports/core-services/execution.js';
import type {
  BotStatus,
  FlattenOptions,
  FlattenPlan,
  FlattenReport,
  Operator,
  OperatorControl,
  TightenReport,
  WithdrawalReport,
} from '../../ports/core-services/operator-control.js';
import { ProductCatalogue } from '../../ports/core-services/product-catalogue.js';
import { RiskManager } from '../../ports/core-services/risk-manager.js';
import { RuntimeCoordinator } from '../../ports/core-services/runtime-coordinator.js';
import { MarkFreshness } from '../../ports/runtime-state/mark-freshness.js';
import { VenueContact } from '../../ports/runtime-state/venue-contact.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { EventStore, type Payload } from '../../ports/storage/event-store.js';
import { OperatorRequests } from '../../ports/storage/operator-requests.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { StrategyHost } from '../../ports/strategy/strategy-host.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { DirectOrders } from '../direct/direct-orders.js';
import { botStatus } from './bot-status.js';
import { unjournaled } from './bounds.js';
import { assertMayFlatten, planOf } from './flatten-plan.js';
import type { FlatteningPorts } from './flattening-ports.js';
import { Flattening } from './flattening.js';
import { noteIn, type Note } from '../noted.js';
import { nothingHeld } from './nothing-held.js';
import { begins, holds, said, stoppedBy, type ToldCommand } from './said.js';
import { StrategyResumption } from './strategy-resumption.js';
import { TIGHTENINGS, type Tightening } from './tightenings.js';
import { heldPositions, liveOrder } from './told.js';
import { WaitingRequests } from './waiting-requests.js';
import { Withdrawal } from './withdrawal.js';

/** A journal that takes longer is not waited for: nobody is kept from stopping his bot by a disk. */
const NOTED_WITHIN_MS = 100;

/** The commands of an operator, each journaled before it has an effect. */
@injectable()
export class OperatorCommands implements OperatorControl {
  private withdrawal: Withdrawal | undefined;
  private flattening: Flattening | undefined;
  private readonly instance = randomUUID();
  private begun = 0;
  private fills = 0;
  private readonly unfollow: readonly (() => void)[];
  private readonly left: WaitingRequests;
  private readonly resumption: StrategyResumption;
  private readonly direct: DirectOrders;
  private readonly note: Note;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(EventStore) private readonly events: EventStore,
    @inject(OperatorRequests) requests: OperatorRequests,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(RuntimeCoordinator) private readonly runtime: RuntimeCoordinator,
    @inject(ExecutionEngine) private readonly engine: ExecutionEngine,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(EntryPermit) private readonly permit: EntryPermit,
    @inject(HostScheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly worldClock: Clock,
    @inject(HostClock) private readonly clock: HostClock,
    @inject(Logger) private readonly logger: Logger,
    @inject(RiskManager) private readonly risk: Pick<RiskManager, 'disabledStrategies'>,
    @inject(StrategyHost) private readonly strategies: Pick<StrategyHost, 'suspended' | 'resumeSuspended'>,
    @inject(AccountReview) readonly review: AccountReview,
    @inject(ProductCatalogue) catalogue: ProductCatalogue,
    @inject(MarkFreshness) private readonly freshness: MarkFreshness,
    @inject(VenueContact) private readonly contact: VenueContact,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {
    this.unfollow = [
      portfolio.onFill(() => void (this.fills += 1)),
      ladder.onChange(({ from, to, actor, reason }) => {
        if (from === 'FLATTENING' && to !== from) this.flattening?.stop(stoppedBy(to, { actor, reason }));
      }),
    ];
    const note = (this.note = noteIn(events, logger));
    this.resumption = new StrategyResumption({ strategies, events, note, tell: this.tell.bind(this) });
    this.direct = new DirectOrders(log, catalogue);
    this.left = new WaitingRequests({
      requests,
      ladder,
      events,
      clock,
      logger,
      begin: (command, by, asked) => this.begin(command, by, asked),
      takeDirect: (orders) => this.direct.take(orders),
      loosen: (by, asked) => this.loosen(by, asked),
      letGoOn: (id, by, asked) => this.resumption.resume(id, by, asked),
      differences: () => runtime.differences(),
    });
  }

  status(): BotStatus {
    const { config, events, ladder, portfolio, log, session, risk, strategies, worldClock: clock } = this;
    const { freshness, contact } = this;
    return botStatus(
      { config, events, ladder, portfolio, log, session, risk, strategies, clock, freshness, contact },
      this.withdrawal?.isOver === false ? this.withdrawal.report : null,
      this.flattening?.report ?? null,
    );
  }

  halt(by: Operator, withinMs: number, progress?: (report: WithdrawalReport) => void): Promise<TightenReport> {
    return this.tighten('halt', by, withinMs, progress);
  }

  reduceOnly(by: Operator, withinMs: number, progress?: (report: WithdrawalReport) => void): Promise<TightenReport> {
    return this.tighten('reduce-only', by, withinMs, progress);
  }

  async resumeStrategy(id: string, by: Operator): Promise<BotStatus> {
    await this.resumption.resume(id, by);
    return this.status();
  }

  async resume(by: Operator): Promise<BotStatus> {
    const { state: was } = this.ladder;
    const wasHeld = this.status().disabled?.length !== 0;
    await this.loosen(by, {});
    return { ...this.status(), ...(wasHeld ? {} : { was }) };
  }

  planFlatten(options?: FlattenOptions): FlattenPlan {
    return planOf(this.flatteningPorts(), options);
  }

  async flatten(
    hash: string,
    by: Operator,
    options: FlattenOptions = {},
    progress: (report: FlattenReport) => void = () => undefined,
  ): Promise<FlattenReport> {
    const { flattening } = this;
    if (flattening?.hash === hash && (flattening.report.running || this.isStillFlat(flattening))) {
      flattening.follow(progress);
      this.events.append('operator_outcome', { command: 'flatten', ...by, outcome: 'joined', plan: hash });
      return flattening.done;
    }
    const plan = this.planFlatten(options);
    if (plan.hash !== hash && this.isFlat(plan)) {
      this.events.append('operator_outcome', { command: 'flatten', ...by, outcome: 'nothing_held', plan: hash });
      return nothingHeld(this.flatteningPorts(), { hash }, by);
    }
    assertMayFlatten(hash, plan, { newest: flattening, config: this.config });
    // Made at once: whoever comes with the same plan meanwhile joins it.
    this.begun += 1;
    const begun = new Flattening(this.flatteningPorts(), plan, by, options, (stopped) =>
      this.beginFlattening(plan, by, stopped),
    );
    this.flattening = begun;
    begun.follow(progress);
    try {
      const report = await begun.done;
      // The bot goes on asking for those that may be live.
      if (!report.flat && report.mayBeLive.length > 0) this.withdraw('flatten', protects);
      const outcome = report.flat ? 'done' : 'not_flat';
      const { actor } = by;
      this.events.append('operator_outcome', { command: 'flatten', actor, outcome, detail: report.note ?? '' });
      return report;
    } catch (error) {
      this.flattening = undefined;
      throw error;
    }
  }

  takeUp(): void {
    this.left.takeUp();
  }

  honour(): void {
    this.direct.enter();
    const begun = begins(this.status());
    if (begun !== undefined) this.logger.warn(begun);
    this.left.honour();
  }

  close(): void {
    for (const leave of this.unfollow) leave();
    this.left.close();
    this.withdrawal?.end();
    this.flattening?.stop('stopped: the bot is stopping');
  }

  private async tighten(
    command: Tightening,
    by: Operator,
    withinMs: number,
    progress?: (report: WithdrawalReport) => void,
  ): Promise<TightenReport> {
    const { state: was } = this.ladder;
    await this.begin(command, by, {});
    const { withdrawal } = this;
    const report = await (withdrawal as Withdrawal).settled(withinMs, progress);
    const { spares } = TIGHTENINGS[command];
    return {
      state: this.ladder.state,
      was,
      withdrawal: report,
      positions: heldPositions(this.portfolio, this.log),
      kept: this.log
        .open()
        .filter(({ request }) => spares(request))
        .map(liveOrder),
    };
  }

  private async beginFlattening(
    { hash, steps }: FlattenPlan,
    { actor, reason }: Operator,
    stopped: AbortSignal,
  ): Promise<void> {
    const noted = await this.note('flatten', { actor, reason }, { plan: hash, positions: steps.length });
    if (!noted) throw unjournaled();
    if (stopped.aborted) return;
    this.withdrawal?.end();
    // Out of LOCKED a plan is a person's word too, where bot and venue agree about what it takes off.
    if (this.ladder.state === 'LOCKED') await this.ladder.loosen('FLATTENING', reason, actor);
    else await this.ladder.tighten('FLATTENING', reason, actor);
    if (stopped.aborted) return;
    this.tell('flatten', { actor, reason }, `plan ${hash}, `);
  }

  private isFlat({ steps }: FlattenPlan): boolean {
    return steps.length === 0 && this.portfolio.known && this.flattening?.report.running !== true;
  }

  /** What was flat once says nothing of what was bought since. */
  private isStillFlat({ report }: Flattening): boolean {
    return report.flat && this.ladder.state === 'FLATTENING' && report.remaining.length === 0;
  }

  private flatteningPorts(): FlatteningPorts {
    const { config, engine, log, portfolio, session, permit, worldClock, clock, scheduler, logger, runtime } = this;
    const differences = (): Promise<readonly string[]> => runtime.differences();
    const edition = `${this.instance} ${this.begun} ${this.fills}`;
    return {
      ...{ config, engine, log, portfolio, session, permit, scheduler, logger, edition, differences },
      ...{ budget: this.budget, clock: worldClock, hostClock: clock },
    };
  }

  /** Journal, state, withdrawal: each begins whatever became of the one before. True when the command is journaled. */
  private async begin(command: Tightening, { actor, reason }: Operator, more: Payload): Promise<boolean> {
    const { to, spares } = TIGHTENINGS[command];
    const by = { actor: actor.trim() || 'unknown', reason: reason.trim() || `${command}, no reason given` };
    const limit = { scheduler: this.scheduler, limitMs: NOTED_WITHIN_MS, late: () => false };
    const isNoted = await withDeadline(this.note(command, by, more), limit);
    const tight = this.ladder.tighten(to, by.reason, by.actor).then(
      () => true,
      (error: unknown) => {
        this.logger.error('Safety state is tight but not on disk', { state: to, error: messageOf(error) });
        return false;
      },
    );
    // One that has not tightened yet is stopped, too.
    if (to === 'HALTED') this.flattening?.stop(stoppedBy(to, by));
    this.withdraw(command, spares);
    this.tell(command, by, this.ladder.state === to ? '' : `stays ${this.ladder.state}, `);
    return (await withDeadline(tight, limit)) && isNoted;
  }

  /** One at a time: a wider one takes over, the same or a narrower one joins. */
  private withdraw(command: Tightening | 'flatten', spares: Spares): void {
    const { withdrawal, engine, log, scheduler, logger } = this;
    if (withdrawal?.isOver === false) {
      if (command === 'reduce-only' || withdrawal.spares === spares) return;
      withdrawal.end();
    }
    this.withdrawal = new Withdrawal({ engine, log, scheduler, logger }, `operator: ${command}`, spares).begin();
  }

  private async loosen({ actor, reason }: Operator, more: Payload): Promise<void> {
    if (this.flattening?.report.running === true)
      throw fault('RISK-003', 'The safety state must not be loosened while positions are being taken off.', {
        fix: 'Wait for its end: perpsbot status.',
      });
    if (!(await this.note('resume', { actor, reason }, more))) throw unjournaled();
    try {
      await this.runtime.resume(reason, actor);
    } catch (error) {
      const outcome = { command: 'resume', actor, outcome: 'refused', detail: messageOf(error), ...more };
      this.events.append('operator_outcome', outcome);
      throw error;
    }
    this.withdrawal?.end();
    // It goes on: that it was flat then is no news of it any more.
    this.flattening = undefined;
    this.events.append('operator_outcome', { command: 'resume', actor, outcome: 'done', ...more });
    this.tell('resume', { actor, reason });
  }

  private tell(command: ToldCommand, by: Operator, more = ''): void {
    const { portfolio, log } = this;
    this.logger.warn(said(command, by, `${more}${holds(heldPositions(portfolio, log), portfolio.known)}`));
  }
}
