import { withDeadline } from '../../../flow/deadline.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { StrategyInstance } from './strategy-instance.js';
import { isEntry } from './ticket-changes.js';

/** Of the budget that a part has to stop: what is not flat by then is left with its stop, and the rest still stops. */
const SHARE_OF_BUDGET = 0.8;
const WHY = 'shutdown';

export interface StoppingPorts {
  /** Of the host: the world's may stand still. */
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly stopBudgetMs: number;
  /** True where every order is to stay, whatever strategies say. */
  readonly keepsAll: boolean;
}

/** Takes strategies down, each as it wants to be: entries end, positions stay with their exits or are closed. */
export class Stopping {
  private told: (() => void) | undefined;

  constructor(
    private readonly instances: readonly StrategyInstance[],
    private readonly ports: StoppingPorts,
  ) {}

  /** Nothing that can increase is sent from here on. Undefined where nothing has to be waited for. */
  begin(now: number): Promise<void> | undefined {
    const { keepsAll } = this.ports;
    let isWaiting = false;
    for (const { desk, strategy } of this.instances) {
      desk.now = now;
      desk.isStopping = true;
      const how = keepsAll ? 'keep' : (strategy.onStopping ?? 'protect');
      if (how === 'keep') continue;
      for (const ticket of [...desk.tickets.open()]) if (isEntry(ticket)) ticket.cancel(WHY);
      if (how !== 'flatten' || desk.account(desk.symbol).lots === 0) continue;
      desk.close(desk.symbol, { why: WHY });
      isWaiting = true;
    }
    return isWaiting ? this.flat() : undefined;
  }

  /** Something has come of an order. */
  looked(): void {
    if (this.told !== undefined && this.isOver) this.told();
  }

  /** Each is flat, or nothing is under way any more that could make it so. */
  private get isOver(): boolean {
    return this.closing.every(({ desk }) => desk.account(desk.symbol).lots === 0 || !desk.isClosing);
  }

  private get closing(): readonly StrategyInstance[] {
    return this.instances.filter(({ strategy }) => strategy.onStopping === 'flatten');
  }

  private async flat(): Promise<void> {
    const { scheduler, stopBudgetMs, logger } = this.ports;
    if (!this.isOver) {
      const done = new Promise<void>((resolve) => void (this.told = resolve));
      const limitMs = stopBudgetMs * SHARE_OF_BUDGET;
      await withDeadline(done, { scheduler, limitMs, late: () => undefined });
    }
    const left = this.closing.filter(({ desk }) => desk.account(desk.symbol).lots !== 0);
    if (left.length === 0) return;
    const symbols = left.map(({ desk }) => desk.symbol);
    logger.error('Positions could not be closed while the bot went down; they keep their stops', { symbols });
  }
}
