import { messageOf, PerpsBotError } from '../../../../domain/errors.js';
import { Throttle } from '../../../../flow/throttle.js';
import type { HostClock } from '../../../../ports/configuration/clock.js';
import type { Logger } from '../../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../../ports/configuration/settings/config-controller.js';
import type { GateLedger } from '../../../../ports/runtime-state/runtime-state.js';
import type { EventStore } from '../../../../ports/storage/event-store.js';
import type { HandlerReport } from '../../../../ports/strategy/strategy-host.js';
import type { HostDesk } from '../host-desk.js';
import type { HandlerTimer, Watcher } from './watcher.js';
import { isEntry } from '../ticket-changes.js';
import { HandlerTimes } from './handler-times.js';
import type { WatchFinding } from './strategy-watch.js';
import type { Suspensions } from './suspensions.js';

export interface OverseerParts {
  readonly suspensions: Suspensions;
  readonly config: Pick<ConfigController, 'current'>;
  readonly ledger: GateLedger;
  readonly journal: EventStore;
  readonly hostClock: HostClock;
  readonly logger: Logger;
}

/** Looks after one strategy as somebody who is not it: writes down what it does wrong, and stops it. */
export class Overseer implements Watcher {
  readonly timer: HandlerTimer | undefined;
  private readonly times: HandlerTimes | undefined;
  private readonly complaints = new Throttle();
  private readonly records = new Throttle();
  private desk: HostDesk | undefined;

  constructor(
    private readonly strategy: string,
    private readonly symbol: string,
    private readonly parts: OverseerParts,
  ) {
    const { hostClock, config, journal } = parts;
    // Where nothing is kept of a run, nobody asks how long it took; and a backtest pays for no clock.
    if (journal.discards === true) return;
    const times = new HandlerTimes((report) => this.slow(report));
    this.times = times;
    this.timer = {
      now: () => hostClock.monotonic(),
      took: (handler, began, at) => {
        const ended = hostClock.monotonic();
        times.took(handler, ended - began, at, config.current.strategy.budgetMs, ended);
      },
    };
  }

  get guardsViews(): boolean {
    return this.parts.config.current.strategy.guardViews === true;
  }

  /** Its desk; suspended where it was when the bot went down. */
  take(desk: HostDesk): void {
    this.desk = desk;
    desk.isSuspended = this.parts.suspensions.has(desk.tickets.instance);
  }

  report(): HandlerReport | undefined {
    return this.times?.report();
  }

  failed(handler: string, error: unknown, at: number, isTold: boolean): void {
    const { ledger, config, logger, journal } = this.parts;
    const { strategy, symbol, desk } = this;
    const instance = desk?.tickets.instance ?? strategy;
    if (!isTold) {
      ledger.hold('strategy_error', symbol, at, config.current.updateIntervalMs, messageOf(error));
      ledger.failed?.(error, symbol, at);
      if (this.complaints.pass(at) !== undefined)
        logger.error('A strategy failed while it was told of an event', { symbol, strategy, handler, error });
    }
    // One that is suspended and goes on failing has been found out: a line a minute is enough.
    if (journal.discards !== true && (desk?.isSuspended !== true || this.records.pass(at) !== undefined)) {
      const code = PerpsBotError.is(error) ? error.code : null;
      const payload = { instance, symbol, strategy, handler, instant: at, code, error: messageOf(error) };
      journal.append('strategy_fault', payload);
    }
    desk?.object(desk.watch.faulted(at));
  }

  /** Entries end first; what takes risk off stays, and goes on. */
  suspend({ check, reason }: WatchFinding): void {
    const { desk, strategy, symbol } = this;
    if (desk === undefined || desk.isSuspended) return;
    const { instance } = desk.tickets;
    const { now: at } = desk;
    desk.isSuspended = true;
    this.parts.suspensions.add({ instance, strategy, symbol, check, reason, at });
    const entries = [...desk.tickets.open()].filter(isEntry).reverse();
    for (const ticket of entries) ticket.cancel('suspended');
    this.parts.logger.error(`${instance} is suspended: it ${reason}. It enters no more; its exits go on`, {
      instance,
      check,
      withdrawn: entries.length,
      fix: `perpsbot strategy resume ${instance} --reason "…"`,
    });
  }

  resume(): void {
    if (this.desk === undefined) return;
    this.desk.isSuspended = false;
    this.desk.watch.forget();
  }

  private slow({ p99Us, worstUs, worstHandler, worstAt }: HandlerReport): void {
    const { strategy, symbol } = this;
    this.parts.logger.warn('A strategy takes longer than strategy.budget, again and again', {
      ...{ strategy, symbol, p99_us: p99Us, worst_us: worstUs },
      ...{ worst_handler: worstHandler, worst_at: new Date(worstAt).toISOString() },
    });
  }
}
