import { injectable } from 'inversify';
import { canRestAndIncrease, protects } from '../../../../domain/order-state.js';
import type { Order, OrderRequest } from '../../../../domain/order.js';
import { inject } from '../../../../injection/inject.js';
import { UNLIMITED } from '../../../../flow/unlimited-requests.js';
import { Clock } from '../../../../ports/configuration/clock.js';
import { Logger } from '../../../../ports/configuration/logger.js';
import { Scheduler } from '../../../../ports/configuration/scheduler.js';
import { ConfigController } from '../../../../ports/configuration/settings/config-controller.js';
import type { DeadManSwitch, GuardedEntries, RunningSwitch } from '../../../../ports/core-services/dead-man-switch.js';
import { OrderLog, type PreSendCheck } from '../../../../ports/core-services/execution.js';
import { RequestBudget } from '../../../../ports/core-services/request-budget.js';
import type { OrderIntent } from '../../../../ports/core-services/risk-manager.js';
import { OpenOrders } from '../../../../ports/runtime-state/open-orders.js';
import { PendingWork } from '../../../../ports/runtime-state/runtime-state.js';
import { EventStore } from '../../../../ports/storage/event-store.js';
import { FOLDS } from '../../../../ports/storage/journal-folds.js';
import { SafetyLadder } from '../../../../ports/storage/safety-ladder.js';
import { OrderEntry } from '../../../../ports/venue/order-entry.js';
import { VenueSession } from '../../../../ports/venue/venue-session.js';
import { Countdown, type CountdownPorts } from './countdown.js';
import { SwitchNeed } from './switch-need.js';

/** Cover that is missing waits no longer for the end of the switch: a stop that may be ended is better than none. */
const OFF_MS = 500;

/** Winds up one countdown for each symbol, or one for the account, as the open orders ask for it. */
@injectable()
export class VenueDeadManSwitch implements DeadManSwitch {
  private readonly countdowns = new Map<string, Countdown>();
  private readonly ports: CountdownPorts;
  private readonly need: SwitchNeed;
  /** Until whoever plans stops has begun, every fill counts as one that must be covered. */
  private entries: GuardedEntries = {
    mustCover: () => true,
    beforeEnd: () => undefined,
    mayHaveRunOut: () => undefined,
  };

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(OrderEntry) entry: OrderEntry,
    @inject(OrderLog) log: OrderLog,
    @inject(OpenOrders) private readonly openOrders: OpenOrders,
    @inject(EventStore) private readonly journal: EventStore,
    @inject(SafetyLadder) ladder: SafetyLadder,
    @inject(PendingWork) pending: PendingWork,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(Clock) clock: Clock,
    @inject(Logger) logger: Logger,
    @inject(RequestBudget) budget: RequestBudget = UNLIMITED,
  ) {
    this.need = new SwitchNeed(session, openOrders);
    this.ports = {
      ...{ entry, journal, pending, budget, scheduler, clock, logger },
      maySend: () => this.isUsed && ladder.state !== 'LOCKED',
      mayHaveRunOut: () => this.entries.mayHaveRunOut(),
      requestTimeoutMs: () => config.current.execution.requestTimeoutMs,
      countdownMs: () => {
        const { minMs = 0, maxMs = Infinity } = session.capabilities.deadMan ?? {};
        return Math.min(Math.max(config.current.execution.deadManMs, minMs), maxMs);
      },
    };
    log.onChange((order, previous) => {
      if (this.isUsed && isNews(order, previous)) this.look(this.need.scopeOf(order.request.symbol));
    });
    ladder.onChange(() => this.lookAtAll());
  }

  couldEnd(intent: Pick<OrderIntent, 'instrument' | 'type'>): boolean {
    return this.need.couldEnd(intent);
  }

  ends({ request: { symbol, type } }: Order): boolean {
    const scope = this.need.scopeOf(symbol);
    return this.need.takes(type) && this.need.of(scope) === 'running' && this.countdowns.get(scope)?.isRunning === true;
  }

  checkOf(request: OrderRequest): PreSendCheck | undefined {
    if (!this.isUsed) return undefined;
    const scope = this.need.scopeOf(request.symbol);
    if (protects(request)) return this.countdowns.get(scope)?.isOff === false ? this.beforeStop : undefined;
    return canRestAndIncrease(request) ? this.beforeEntry : undefined;
  }

  begin(entries: GuardedEntries): void {
    this.entries = entries;
    if (!this.isUsed) return;
    for (const { payload } of this.journal.fold(FOLDS.deadMan)) {
      const { scope } = payload;
      if (typeof scope === 'string') this.countdownOf(scope).takeUp();
    }
    this.lookAtAll();
  }

  async leave(): Promise<readonly RunningSwitch[]> {
    const { requestTimeoutMs } = this.ports;
    const left: RunningSwitch[] = [];
    await Promise.all(
      [...this.countdowns].map(async ([scope, countdown]) => {
        const isNeeded =
          this.need.of(scope) === 'running' && this.need.resting(scope).some((each) => this.entries.mustCover(each));
        if (!isNeeded) {
          countdown.want('off');
          await countdown.whenOff(requestTimeoutMs());
        }
        countdown.rest();
        if (countdown.running !== undefined) left.push(countdown.running);
      }),
    );
    this.countdowns.clear();
    return left;
  }

  running(): readonly RunningSwitch[] {
    return [...this.countdowns.values()].flatMap(({ running }) => running ?? []);
  }

  private readonly beforeStop: PreSendCheck = async ({ symbol }) => {
    const countdown = this.countdownOf(this.need.scopeOf(symbol));
    this.look(countdown.scope);
    // Its end takes no stop along: it need not be off.
    if (this.need.of(countdown.scope) !== 'off') return undefined;
    if (!(await countdown.whenOff(OFF_MS)))
      this.ports.logger.error("A stop leaves while the dead man's switch may still run", { scope: countdown.scope });
    return undefined;
  };

  private readonly beforeEntry: PreSendCheck = async ({ symbol, clientId }) => {
    const scope = this.need.scopeOf(symbol);
    const order = this.openOrders.find(clientId);
    this.look(scope);
    if (order === undefined || !this.need.resting(scope).includes(order)) return undefined;
    if (await this.countdownOf(scope).whenRunning()) return undefined;
    return this.entries.mustCover(order) && !this.config.current.execution.allowUncoveredEntries
      ? "unprotected: nobody would cover its fill, and the venue's dead man's switch does not run for it."
      : undefined;
  };

  private look(scope: string): void {
    const wanted = this.need.of(scope);
    const countdown = wanted === 'running' ? this.countdownOf(scope) : this.countdowns.get(scope);
    // A process that dies between the two leaves nothing behind that neither ends.
    if (wanted === 'off' && countdown?.isOff === false) this.entries.beforeEnd();
    countdown?.want(wanted);
  }

  private lookAtAll(): void {
    if (!this.isUsed) return;
    const scopes = new Set(this.countdowns.keys());
    for (const { request } of this.openOrders.all()) scopes.add(this.need.scopeOf(request.symbol));
    for (const scope of scopes) {
      this.look(scope);
      this.countdowns.get(scope)?.step();
    }
  }

  private countdownOf(scope: string): Countdown {
    let countdown = this.countdowns.get(scope);
    if (countdown === undefined) this.countdowns.set(scope, (countdown = new Countdown(scope, this.ports)));
    return countdown;
  }

  /** A dry run sends nothing. */
  private get isUsed(): boolean {
    return this.session.capabilities.deadMan !== undefined && !this.config.current.dryRun;
  }
}

/**
 * What cannot change whether the switch is needed is passed over. An entry that has just been reserved is looked at
 * before it leaves: the stop that travels with it is reserved in the step after, and covers it without a switch.
 */
const isNews = (order: Order, previous: Order | undefined): boolean =>
  previous === undefined
    ? order.status !== 'planned' || protects(order.request)
    : order.status !== previous.status || order.request !== previous.request;
