import { injectable } from 'inversify';
import { inject } from '../injection/inject.js';
import { HostScheduler, type Scheduler } from '../ports/configuration/scheduler.js';
import { EventStore } from '../ports/storage/event-store.js';
import { AccountMoney } from '../ports/runtime-state/account-money.js';
import type { Lifecycle } from '../ports/market-services/lifecycle.js';

/** A bot that writes nothing still finds out this soon that its journal has been taken away. */
const LOOK_MS = 1_000;
/** A start has other things to do than to tidy. */
const LOOKS_BEFORE_TENDING = 60;

/**
 * Opens the journal before anything acts, takes up what its money is counted in, and closes it after everything has
 * stopped: the last event finds it open.
 */
@injectable()
export class JournalPart implements Lifecycle {
  readonly name = 'journal';
  private cancelLook: (() => void) | undefined;
  private looks = 0;

  constructor(
    @inject(EventStore) private readonly events: EventStore,
    @inject(HostScheduler) private readonly timers: Scheduler,
    @inject(AccountMoney) private readonly money: AccountMoney,
  ) {}

  start(): void {
    this.events.open();
    this.money.takeUp(this.events);
    this.lookLater();
  }

  async stop(): Promise<void> {
    this.cancelLook?.();
    await this.events.close();
  }

  private lookLater(): void {
    if (this.events.inPlace === undefined) return;
    this.cancelLook = this.timers.after(LOOK_MS, () => {
      if (this.events.inPlace?.() !== true) return;
      this.looks += 1;
      if (this.looks >= LOOKS_BEFORE_TENDING) void this.events.tend?.();
      this.lookLater();
    });
  }
}
