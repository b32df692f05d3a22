import { injectable } from 'inversify';
import { readServerTime } from '../../border/session.js';
import { RepeatedTask } from '../../flow/repeated-task.js';
import { inject } from '../../injection/inject.js';
import { AccountManager, type AccountTelemetry } from '../../ports/accounting/accounts.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { Clock } from '../../ports/configuration/clock.js';
import { EventStore, type Payload } from '../../ports/storage/event-store.js';
import { Files } from '../../ports/configuration/files.js';
import { Logger } from '../../ports/configuration/logger.js';
import { Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { askUnlessHeld } from '../../flow/left-alone.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';

/** Collects account snapshots at the configured interval and publishes them to the journal and to account.json. */
@injectable()
export class AccountTelemetryService implements AccountTelemetry {
  private latest: Payload | undefined;
  private readonly task: RepeatedTask;

  constructor(
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(AccountManager) private readonly accounts: AccountManager,
    @inject(EventStore) private readonly events: EventStore,
    @inject(Files) private readonly files: Files,
    @inject(Clock) private readonly clock: Clock,
    @inject(Scheduler) scheduler: Scheduler,
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {
    this.task = new RepeatedTask(
      'account-telemetry',
      () => config.current.tasks.accountTelemetryMs,
      async (signal) => {
        if (budget.heldUntil(this.clock.now()) === undefined) this.publish(await this.collect(), signal);
      },
      scheduler,
      (error) => logger.warn('Account telemetry failed', { error }),
    );
  }

  get supportsSnapshots(): boolean {
    return this.accounts.supportsSnapshots;
  }

  get latestSnapshot(): Payload | undefined {
    return this.latest === undefined ? undefined : { ...this.latest };
  }

  async collect(): Promise<Payload> {
    const [snapshot, serverTime] = await Promise.all([this.accounts.snapshot(false), this.serverTime()]);
    this.latest = { ...snapshot, server_time: serverTime, timestamp: new Date(this.clock.now()).toISOString() };
    return { ...this.latest };
  }

  /** Returns when aborted; a failed round is logged and the next one comes at its time. */
  run(signal: AbortSignal): Promise<void> {
    return this.task.run(signal);
  }

  /** A round that was under way when the signal came publishes nothing: the stores may be closed by now. */
  private publish(snapshot: Payload, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.events.append('account_snapshot', snapshot);
    const { directory } = this.config.current.storage;
    // A directory that is not the one the journal was opened in may be another account's by now.
    if (directory === undefined || this.events.inPlace?.() === false) return;
    this.files.writeAtomic(this.files.join(directory, 'account.json'), `${JSON.stringify(snapshot, undefined, 2)}\n`);
  }

  /** Null where the venue has no clock to ask or did not answer: not known, never now. */
  private async serverTime(): Promise<number | null> {
    if (!this.session.capabilities.serverTime) return null;
    try {
      const { budget, clock } = this;
      return readServerTime(await askUnlessHeld(() => this.session.getServerTime(), { budget, clock }), clock.now());
    } catch (error) {
      this.logger.debug('Venue time is not available', { error });
      return null;
    }
  }
}
