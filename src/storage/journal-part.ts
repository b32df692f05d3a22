import { injectable } from 'inversify';
import { inject } from '../injection/inject.js';
import { EventStore } from '../ports/storage/event-store.js';
import type { Lifecycle } from '../ports/market-services/lifecycle.js';

/** Opens the journal before anything acts and closes it after everything has stopped: the last event finds it open. */
@injectable()
export class JournalPart implements Lifecycle {
  readonly name = 'journal';

  constructor(@inject(EventStore) private readonly events: EventStore) {}

  start(): void {
    this.events.open();
  }

  async stop(): Promise<void> {
    await this.events.close();
  }
}
