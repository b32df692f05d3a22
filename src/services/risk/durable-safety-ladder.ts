import { injectable } from 'inversify';
import { fault, messageOf } from '../../domain/errors.js';
import { isTighter, permits, SAFETY_STATES, takesOver, tightest, type SafetyState } from '../../domain/safety.js';
import { inject } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import { EventStore } from '../../ports/storage/event-store.js';
import { Logger } from '../../ports/configuration/logger.js';
import { SafetyLadder, type Reconciliation, type SafetyChange } from '../../ports/storage/safety-ladder.js';
import { OperatorRequests } from '../../ports/storage/operator-requests.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';
import { standingRequest } from '../../flow/standing-request.js';
import { tighten } from '../../flow/tighten.js';

const SYSTEM = 'system';

/** A loosening that is being looked into or on its way to disk. Tightening asked for meanwhile wins over it. */
interface Loosening {
  readonly to: SafetyState;
  overtaken: boolean;
}

/**
 * The safety state, kept in the journal as `safety_state` records. The configuration's `killSwitch` and `reduceOnly`
 * hold the state at HALTED and REDUCE_ONLY while they are set, whatever the ladder itself says; switching them off
 * loosens nothing. Every change of reduce-only also leaves one `reduce_only_mode_changed` record under `risk_engine`
 * and one under the bot's id: there is no second authority that could write another pair.
 */
@injectable()
export class DurableSafetyLadder implements SafetyLadder {
  private held: SafetyState = 'NORMAL';
  /** The tighter one of what is held and what the configuration says, and the configuration it was worked out for. */
  private effective: SafetyState = 'NORMAL';
  private stateOf: BotConfig | undefined = undefined;
  private because: string | undefined;
  private by: string | undefined;
  private heldSince: number | undefined;
  private written: Promise<void> = Promise.resolve();
  /** The newest record failed; one that is on its way is waited for. */
  private unwritten = false;
  private loosening: Loosening | undefined;
  private reconciliation: Reconciliation | undefined;
  private readonly listeners = new Set<(change: SafetyChange) => void>();

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(EventStore) private readonly events: EventStore,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(OperatorRequests) private readonly requests: OperatorRequests,
  ) {
    let before = this.flagged;
    config.onChange(() => {
      const { flagged } = this;
      this.followFlags(isTighter(flagged, before));
      before = flagged;
    });
  }

  /** Asked several times an event: worked out when the ladder or the configuration has changed. */
  get state(): SafetyState {
    if (this.config.current !== this.stateOf) this.workOut();
    return this.effective;
  }

  get reason(): string | undefined {
    return this.because;
  }

  get since(): number | undefined {
    return this.heldSince;
  }

  get isReduceOnly(): boolean {
    return this.state !== 'NORMAL';
  }

  /** Said again with each order until somebody has taken the request into the journal: it changes nothing twice. */
  heed(): void {
    try {
      const standing = standingRequest(this.requests.waiting());
      if (standing === undefined) return;
      const { state, request } = standing;
      const ladder = { state: this.state, tighten: this.raise.bind(this) };
      tighten(ladder, state, request.reason, this.logger, request.actor);
    } catch (error) {
      this.logger.error('Requests of operators cannot be read', { error: messageOf(error) });
      tighten(this, 'HALTED', 'operator_requests_unreadable', this.logger);
    }
  }

  permits(reducing: boolean, protecting = false): boolean {
    this.heed();
    return permits(this.state, reducing, protecting);
  }

  /** Rejects with STORE-004 when the record cannot be written; the state is tight all the same. */
  tighten(to: SafetyState, reason: string, actor: string = SYSTEM): Promise<void> {
    // A person's newer word for the same state is the one that is told from here on.
    if (to === this.held && to !== 'NORMAL' && actor !== SYSTEM && !(reason === this.because && actor === this.by))
      return this.enter(to, reason, actor);
    return this.raise(to, reason, actor);
  }

  private raise(
    to: SafetyState,
    reason: string,
    actor: string = SYSTEM,
    isPerson: boolean = actor !== SYSTEM,
  ): Promise<void> {
    const { loosening } = this;
    if (loosening !== undefined && takesOver(to, loosening.to, isPerson)) {
      loosening.overtaken = true;
      return this.enter(takesOver(to, this.held, isPerson) ? to : this.held, reason, actor);
    }
    if (takesOver(to, this.held, isPerson)) return this.enter(to, reason, actor);
    return this.unwritten
      ? this.write({
          from: this.held,
          to: this.held,
          reason: this.because ?? reason,
          actor: this.by ?? actor,
          at: this.clock.now(),
        })
      : this.written;
  }

  async loosen(asked: SafetyState, reason: string, actor: string): Promise<void> {
    const to = this.reachable(asked);
    this.assertMayLoosen(to, reason, actor);
    if (!isTighter(this.held, to)) return;
    const loosening: Loosening = { to, overtaken: false };
    this.loosening = loosening;
    let change: SafetyChange;
    try {
      await this.assertReconciled(to);
      this.assertNotOvertaken(loosening);
      change = { from: this.held, to, reason, actor, at: this.clock.now() };
      await this.events.appendDurable('safety_state', { from: change.from, to, reason, actor });
    } finally {
      this.loosening = undefined;
    }
    this.assertNotOvertaken(loosening);
    this.adopt(change);
  }

  reconcileBy(reconciliation: Reconciliation): void {
    this.reconciliation = reconciliation;
  }

  onChange(listener: (change: SafetyChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  restore(): void {
    const newest = this.events.query({ types: ['safety_state'], limit: 1 }).at(-1);
    if (newest !== undefined) {
      const to = newest.payload['to'];
      if (!isState(to))
        throw fault('STORE-001', `Safety record ${newest.seq} must name a safety state, was ${JSON.stringify(to)}.`, {
          fix: 'Repair or restore the journal before trading.',
        });
      // What was tightened already, and could not be written, stands.
      if (!isTighter(this.held, to)) {
        this.hold(to);
        this.because = typeof newest.payload['reason'] === 'string' ? newest.payload['reason'] : undefined;
        this.by = typeof newest.payload['actor'] === 'string' ? newest.payload['actor'] : undefined;
        this.heldSince = newest.at;
      }
    }
    this.followFlags();
  }

  private hold(state: SafetyState): void {
    this.held = state;
    this.workOut();
  }

  private workOut(): void {
    this.stateOf = this.config.current;
    this.effective = tightest(this.held, this.flagged);
  }

  private get flagged(): SafetyState {
    const { risk } = this.config.current;
    if (risk.killSwitch) return 'HALTED';
    return risk.reduceOnly ? 'REDUCE_ONLY' : 'NORMAL';
  }

  /** A flag that has just been set is a person's word. */
  private followFlags(isNews = false): void {
    const { flagged } = this;
    if (flagged === 'NORMAL') return;
    const reason = flagged === 'HALTED' ? 'configuration: risk.killSwitch' : 'configuration: risk.reduceOnly';
    const raise = (to: SafetyState, why: string): Promise<void> => this.raise(to, why, SYSTEM, isNews);
    tighten({ state: this.state, tighten: raise }, flagged, reason, this.logger);
  }

  /** Whoever resumes a bot that its configuration lets only reduce means that: it is let go so far, and no further. */
  private reachable(asked: SafetyState): SafetyState {
    const isHeldHere = this.flagged === 'REDUCE_ONLY' && asked === 'NORMAL' && isTighter(this.held, 'REDUCE_ONLY');
    return isHeldHere ? 'REDUCE_ONLY' : asked;
  }

  private assertMayLoosen(to: SafetyState, reason: string, actor: string): void {
    if (actor.trim() === '' || actor === SYSTEM) {
      throw fault('RISK-003', `Loosening the safety state must name an operator, was ${JSON.stringify(actor)}.`, {
        fix: 'Resume by hand, with your name and a reason.',
      });
    }
    if (reason.trim() === '') {
      throw fault('RISK-003', 'Loosening the safety state must give a reason, was blank.', {
        fix: 'Say why it is safe to go on.',
      });
    }
    if (isTighter(this.flagged, to)) {
      throw fault('RISK-003', `The configuration holds the safety state at ${this.flagged}; it must not go to ${to}.`, {
        fix: 'Switch off risk.killSwitch and risk.reduceOnly first.',
      });
    }
    if (this.loosening !== undefined) {
      throw fault('RISK-003', 'The safety state is already being loosened.', {
        fix: 'Wait for that to finish, then look at the state.',
      });
    }
  }

  /** Whoever asks, and by whatever door: what this bot believes must be what its venue holds. */
  private async assertReconciled(to: SafetyState): Promise<void> {
    const differences = await this.differences();
    if (differences.length === 0) return;
    throw fault('RISK-004', `The safety state stays ${this.held}, not ${to}: ${differences.join(' ')}`, {
      why: 'Going on with a wrong picture of orders or positions is how a mistake becomes a loss.',
      fix: 'Wait for the next reconciliation or settle the difference at the venue, then loosen again.',
      problems: differences.map((message) => ({ code: 'RISK-004' as const, message })),
    });
  }

  private async differences(): Promise<readonly string[]> {
    if (this.reconciliation === undefined) return ['The venue has not been asked yet what it holds.'];
    try {
      return await this.reconciliation();
    } catch (error) {
      return [`The venue could not be asked what it holds: ${messageOf(error)}`];
    }
  }

  private assertNotOvertaken({ overtaken }: Loosening): void {
    if (!overtaken) return;
    throw fault('RISK-003', `The safety state was tightened to ${this.held} while it was being loosened, and stays.`, {
      fix: 'Look at the new reason, then loosen again.',
    });
  }

  private enter(to: SafetyState, reason: string, actor: string): Promise<void> {
    const change: SafetyChange = { from: this.held, to, reason, actor, at: this.clock.now() };
    this.adopt(change);
    return this.write(change);
  }

  /** In force from here on, whatever becomes of the record. */
  private adopt(change: SafetyChange): void {
    this.hold(change.to);
    this.because = change.to === 'NORMAL' ? undefined : change.reason;
    this.by = change.to === 'NORMAL' ? undefined : change.actor;
    this.heldSince = change.at;
    if ((change.from === 'NORMAL') !== (change.to === 'NORMAL')) {
      const payload = { enabled: change.to !== 'NORMAL', reason: change.reason, timestamp: change.at };
      this.events.append('reduce_only_mode_changed', payload, 'risk_engine');
      this.events.append('reduce_only_mode_changed', payload);
    }
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        this.logger.error('A listener of the safety state failed', { to: change.to, error: messageOf(error) });
      }
    }
  }

  private write(change: SafetyChange): Promise<void> {
    const { from, to, reason, actor } = change;
    this.unwritten = false;
    const write = this.events.appendDurable('safety_state', { from, to, reason, actor }).then(
      () => undefined,
      (error: unknown) => {
        if (this.written === write) this.unwritten = true;
        throw error;
      },
    );
    this.written = write;
    return write;
  }
}

const isState = (value: unknown): value is SafetyState => SAFETY_STATES.some((state) => state === value);
