import { injectable } from 'inversify';
import { fault, messageOf, PerpsBotError, type FaultDetails } from '../../domain/errors.js';
import { inject, injectAll } from '../../injection/inject.js';
import { Lifecycle, PartsSupervisor, type StopReport } from '../../ports/lifecycle.js';
import { Logger } from '../../ports/logger.js';
import { HostScheduler, type Scheduler } from '../../ports/scheduler.js';
import { ConfigController } from '../../ports/settings.js';

/** Starts the parts in phase order, stops them in reverse, one at a time, each within its budget of host time. */
@injectable()
export class OrderedParts implements PartsSupervisor {
  private started: Lifecycle[] = [];
  private stopping: Promise<StopReport> | undefined;

  constructor(
    @injectAll(Lifecycle) private readonly parts: Lifecycle[],
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(HostScheduler) private readonly scheduler: Scheduler,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  /** Fails with BOT-002, the cause inside, after the parts that had started are down again. */
  async start(): Promise<void> {
    this.stopping = undefined;
    for (const part of this.parts) {
      this.started.push(part);
      try {
        await part.start();
      } catch (error) {
        await this.stop();
        throw fault('BOT-002', `${part.name} did not start: ${messageOf(error)}`, { cause: error, ...remedyOf(error) });
      }
    }
  }

  stop(): Promise<StopReport> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<StopReport> {
    const stopped: string[] = [];
    const failed: { name: string; error: string }[] = [];
    for (const part of this.started.reverse()) {
      try {
        await this.withinBudget(part);
        stopped.push(part.name);
      } catch (error) {
        failed.push({ name: part.name, error: messageOf(error) });
        this.logger.error('Part did not stop cleanly', { part: part.name, error });
      }
    }
    this.started = [];
    return { stopped, failed };
  }

  private async withinBudget(part: Lifecycle): Promise<void> {
    const budget = this.config.current.tasks.stopBudgetMs;
    let cancel = (): void => undefined;
    const overrun = new Promise<never>((_resolve, reject) => {
      cancel = this.scheduler.after(budget, () => reject(new Error(`not stopped within ${budget} ms`)));
    });
    try {
      await Promise.race([Promise.resolve(part.stop()), overrun]);
    } finally {
      cancel();
    }
  }
}

/** What the part's own error says of place, reason and remedy: it is what the person at the keyboard can act on. */
function remedyOf(error: unknown): FaultDetails {
  if (!PerpsBotError.is(error)) return {};
  const { where, why, fix } = error;
  return { ...(where === undefined ? {} : { where }), ...(why === undefined ? {} : { why }), ...(fix === undefined ? {} : { fix }) };
}
