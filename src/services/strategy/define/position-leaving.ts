import type { Entered, StepGround, StrategyStep } from './entries/entry-wishes.js';
import type { HeldStop } from './held-stop.js';

/** How an open position is left by what was said of it, whoever is asked and whoever is not. */
export class PositionLeaving {
  constructor(
    private readonly stop: HeldStop,
    private readonly barMs: () => number,
    private readonly close: (step: StrategyStep, why: string) => Entered,
  ) {}

  /** Its stop has been reached, or its time is over: closed. Else its stop follows the mark. */
  look(step: StrategyStep): Entered | undefined {
    const { position, mark, now } = step.context;
    if (position.lots === 0) return undefined;
    if (this.stop.reached(position, mark)) return this.left(step, this.stop.describe(mark));
    const overdue = this.stop.hasExits ? this.stop.overdue(position, now, this.barMs()) : undefined;
    if (overdue !== undefined) return this.left(step, overdue);
    this.follow(step.context);
    return undefined;
  }

  /** Its stop follows the mark, and nothing is asked. */
  follow({ position, mark }: StepGround): void {
    if (position.lots !== 0 && this.stop.hasExits) this.stop.follow(position, mark);
  }

  private left(step: StrategyStep, why: string): Entered {
    return { decision: this.close(step, why).decision };
  }
}
