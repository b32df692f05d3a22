import { injectable } from 'inversify';
import { fault, messageOf, PerpsBotError, type FaultDetails } from '../../domain/errors.js';
import { inject, injectAll } from '../../injection/inject.js';
import { Lifecycle, PartsSupervisor, type StopReport } from '../../ports/market-services/lifecycle.js';
import { Logger } from '../../ports/configuration/logger.js';
import { EventStore } from '../../ports/storage/event-store.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { recordFatal } from './fatal-record.js';
import { withDeadline } from '../../flow/deadline.js';

/** Starts the parts in phase order, stops them in reverse, one at a time, each within its budget of host time. */
@injectable()
export class OrderedPartsSupervisor implements PartsSupervisor {
  private started: Lifecycle[] = [];
  private stopping: Promise<StopReport> | undefined;

  constructor(
    @injectAll(Lifecycle) private readonly parts: Lifecycle[],
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(HostScheduler) private readonly scheduler: Scheduler,
    @inject(Logger) private readonly logger: Logger,
    @inject(EventStore) private readonly events: EventStore,
  ) {}

  /**
   * Fails with BOT-002, the cause inside, after the parts that had started are down again; with BOT-003 when told to
   * stop meanwhile.
   */
  async start(): Promise<void> {
    this.stopping = undefined;
    for (const part of this.parts) {
      this.started.push(part);
      try {
        await part.start();
      } catch (error) {
        recordFatal(this.events, 'start', error);
        await this.stop();
        throw fault('BOT-002', `${part.name} did not start: ${messageOf(error)}`, { cause: error, ...remedyOf(error) });
      }
      if (this.isStopping) {
        // The others are down or going down; what this one has brought up meanwhile goes too.
        await this.takeDown(part);
        throw fault('BOT-003', `The bot must not come up any further: it was stopped while ${part.name} started.`);
      }
    }
  }

  stop(): Promise<StopReport> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  private async stopAll(): Promise<StopReport> {
    const stopped: string[] = [];
    const failed: { name: string; error: string }[] = [];
    const parts = this.started.reverse();
    this.started = [];
    for (const part of parts) {
      const error = await this.takeDown(part);
      if (error === undefined) stopped.push(part.name);
      else failed.push({ name: part.name, error });
    }
    return { stopped, failed };
  }

  /** Never rejects; what went wrong, in words. */
  private async takeDown(part: Lifecycle): Promise<string | undefined> {
    try {
      const limitMs = this.config.current.tasks.stopBudgetMs;
      await withDeadline(stopping(part), { scheduler: this.scheduler, limitMs });
      return undefined;
    } catch (error) {
      this.logger.error('Part did not stop cleanly', { part: part.name, error });
      return messageOf(error);
    }
  }
}

/** What the part's own error says of place, reason and remedy: it is what the person at the keyboard can act on. */
function remedyOf(error: unknown): FaultDetails {
  if (!PerpsBotError.is(error)) return {};
  const { where, why, fix } = error;
  return {
    ...(where === undefined ? {} : { where }),
    ...(why === undefined ? {} : { why }),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** Asynchronous, so that a part that throws at once is handled like one that rejects. */
const stopping = async (part: Lifecycle): Promise<void> => part.stop();
