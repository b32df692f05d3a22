import { injectable } from 'inversify';
import { fault, messageOf } from '../../domain/errors.js';
import { protects } from '../../domain/order-state.js';
import { DAY_MS } from '../../domain/time-spans.js';
import { withDeadline } from '../../flow/deadline.js';
import { inject } from '../../injection/inject.js';
import { HostClock } from '../../ports/configuration/clock.js';
import { Logger } from '../../ports/configuration/logger.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { ExecutionEngine, OrderLog, type Spares } from '../../ports/core-services/execution.js';
import type {
  BotStatus,
  Operator,
  OperatorControl,
  TightenReport,
  WithdrawalReport,
} from '../../ports/core-services/operator-control.js';
import { RuntimeCoordinator } from '../../ports/core-services/runtime-coordinator.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { EventStore, type Payload } from '../../ports/storage/event-store.js';
import { OperatorRequests, type OperatorRequest } from '../../ports/storage/operator-requests.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { heldPositions, liveOrder } from './told.js';
import { Withdrawal } from './withdrawal.js';

type Tightening = 'halt' | 'reduce-only';

/** The state that a command asks for, and the orders that it leaves where they are. */
const TIGHTENINGS = {
  halt: { to: 'HALTED', spares: protects },
  'reduce-only': { to: 'REDUCE_ONLY', spares: ({ reduceOnly }) => reduceOnly },
} as const satisfies Record<Tightening, { readonly to: string; readonly spares: Spares }>;

/** A journal that takes longer is not waited for: nobody is kept from stopping his bot by a disk. */
const NOTED_WITHIN_MS = 100;
/** A request to resume that is older than this was not meant for this start. */
const RESUME_WITHIN_MS = DAY_MS;
/** Two hosts' clocks, or one that was set, may differ by so much. */
const CLOCKS_DIFFER_MS = 300_000;

/** The commands of an operator, each journaled before it has an effect. */
@injectable()
export class OperatorCommands implements OperatorControl {
  private withdrawal: Withdrawal | undefined;
  /** Requests that are being taken into the journal. */
  private readonly taken = new Set<string>();
  private ready = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(EventStore) private readonly events: EventStore,
    @inject(OperatorRequests) private readonly requests: OperatorRequests,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(RuntimeCoordinator) private readonly runtime: RuntimeCoordinator,
    @inject(ExecutionEngine) private readonly engine: ExecutionEngine,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(HostScheduler) private readonly scheduler: Scheduler,
    @inject(HostClock) private readonly clock: HostClock,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  status(): BotStatus {
    const { ladder, portfolio } = this;
    const { world, profile } = this.config.current;
    const newest = this.events.query({ types: ['safety_state'], limit: 1 }).at(-1);
    const account = this.events.query({ types: ['account'] })[0]?.payload['account'];
    return {
      state: ladder.state,
      reason: ladder.reason ?? null,
      actor: ladder.state === 'NORMAL' ? null : textOr(newest?.payload['actor']),
      since: ladder.since ?? null,
      account: textOr(account),
      venue: this.session.capabilities.venue,
      world,
      profile,
      positionsKnown: portfolio.known,
      positions: heldPositions(portfolio),
      orders: this.log.open().map(liveOrder),
      withdrawing: this.withdrawal?.isOver === false ? this.withdrawal.report : null,
    };
  }

  halt(by: Operator, withinMs: number, progress?: (report: WithdrawalReport) => void): Promise<TightenReport> {
    return this.tighten('halt', by, withinMs, progress);
  }

  reduceOnly(by: Operator, withinMs: number, progress?: (report: WithdrawalReport) => void): Promise<TightenReport> {
    return this.tighten('reduce-only', by, withinMs, progress);
  }

  async resume(by: Operator): Promise<BotStatus> {
    await this.loosen(by, {});
    return this.status();
  }

  takeUp(): void {
    for (const request of this.waiting()) {
      const { command, actor, reason } = request;
      if (command === 'resume' || this.taken.has(request.id)) continue;
      this.taken.add(request.id);
      const asked = { request: request.id, asked_at: request.at };
      void this.begin(command, { actor, reason }, asked).then((isNoted) => this.putAway(request, isNoted));
    }
    if (this.ready) this.honour();
  }

  honour(): void {
    this.ready = true;
    for (const request of this.waiting()) {
      if (request.command !== 'resume' || this.taken.has(request.id)) continue;
      this.taken.add(request.id);
      void this.resumeAsAsked(request).finally(() => this.putAway(request, true));
    }
  }

  close(): void {
    this.ready = false;
    this.withdrawal?.end();
  }

  private async tighten(
    command: Tightening,
    by: Operator,
    withinMs: number,
    progress?: (report: WithdrawalReport) => void,
  ): Promise<TightenReport> {
    await this.begin(command, by, {});
    const { withdrawal } = this;
    const report = await (withdrawal as Withdrawal).settled(withinMs, progress);
    const { spares } = TIGHTENINGS[command];
    return {
      state: this.ladder.state,
      withdrawal: report,
      positions: heldPositions(this.portfolio),
      kept: this.log
        .open()
        .filter(({ request }) => spares(request))
        .map(liveOrder),
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
    this.withdraw(command, spares);
    return (await withDeadline(tight, limit)) && isNoted;
  }

  /** One at a time: a wider one takes over, the same or a narrower one joins. */
  private withdraw(command: Tightening, spares: Spares): void {
    const { withdrawal, engine, log, scheduler, logger } = this;
    if (withdrawal?.isOver === false) {
      if (command === 'reduce-only' || withdrawal.spares === spares) return;
      withdrawal.end();
    }
    this.withdrawal = new Withdrawal({ engine, log, scheduler, logger }, `operator: ${command}`, spares).begin();
  }

  private async loosen({ actor, reason }: Operator, more: Payload): Promise<void> {
    if (!(await this.note('resume', { actor, reason }, more)))
      throw fault('STORE-004', 'A command to resume must be in the journal before it is carried out, is not.', {
        fix: 'Repair the disk of the journal and restart.',
      });
    try {
      await this.runtime.resume(reason, actor);
    } catch (error) {
      this.events.append('operator_outcome', {
        command: 'resume',
        actor,
        outcome: 'refused',
        detail: messageOf(error),
        ...more,
      });
      throw error;
    }
    this.withdrawal?.end();
    this.events.append('operator_outcome', { command: 'resume', actor, outcome: 'done', ...more });
  }

  /** A request that was left while no bot ran is honoured once, and only soon after. */
  private async resumeAsAsked({ id, actor, reason, at }: OperatorRequest): Promise<void> {
    const asked = { request: id, asked_at: at };
    const age = this.clock.wall() - at;
    if (!(age <= RESUME_WITHIN_MS && age >= -CLOCKS_DIFFER_MS)) {
      this.logger.warn('A request to resume is too old and was not honoured', { actor, asked_at: at });
      this.events.append('operator_outcome', { command: 'resume', actor, outcome: 'too_old', ...asked });
      return;
    }
    try {
      await this.loosen({ actor, reason }, asked);
      this.logger.warn('Resumed as asked before the start', { actor, reason });
    } catch (error) {
      this.logger.error('A request to resume was not honoured', { actor, error: messageOf(error) });
    }
  }

  private async note(command: string, { actor, reason }: Operator, more: Payload): Promise<boolean> {
    try {
      await this.events.appendDurable('operator_command', { command, actor, reason, ...more });
      return true;
    } catch (error) {
      this.logger.error('A command of an operator could not be journaled', { command, actor, error: messageOf(error) });
      return false;
    }
  }

  /** One that cannot be read is heeded by the safety state itself. */
  private waiting(): readonly OperatorRequest[] {
    try {
      return this.requests.waiting();
    } catch (error) {
      this.logger.error('Requests of operators cannot be read', { error: messageOf(error) });
      this.ladder.heed();
      return [];
    }
  }

  private putAway(request: OperatorRequest, isNoted: boolean): void {
    if (!isNoted) return;
    try {
      this.requests.done(request);
      this.taken.delete(request.id);
    } catch (error) {
      this.logger.error('A request that was taken up could not be removed', {
        request: request.id,
        error: messageOf(error),
      });
    }
  }
}

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);
