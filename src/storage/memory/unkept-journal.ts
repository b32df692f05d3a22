import { injectable } from 'inversify';
import { fault } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { Clock } from '../../ports/configuration/clock.js';
import type { EventStore, Payload, StoredEvent } from '../../ports/storage/event-store.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { RECORD_VERSION } from '../event-row.js';

const FLUSHED = Promise.resolve();

/**
 * The journal of a run whose result is all that anybody will read, such as a fast backtest: records are numbered and
 * forgotten, so that a run of years costs no memory. A run whose records matter uses a store that keeps them.
 */
@injectable()
export class UnkeptJournal implements EventStore {
  readonly discards = true;
  readonly healthy = true;
  lastSeq = 0;
  private isOpen = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  open(): void {
    this.isOpen = true;
  }

  append(): void {
    this.checkOpen();
    this.lastSeq += 1;
  }

  async appendDurable(type: string, payload: Payload, botId?: string): Promise<StoredEvent> {
    this.append();
    const { current } = this.config;
    return {
      seq: this.lastSeq,
      at: this.clock.now(),
      type,
      botId: botId ?? current.botId,
      profile: current.profile,
      version: RECORD_VERSION,
      payload,
    };
  }

  /** Nothing is ever queued. */
  flush(): Promise<void> {
    return FLUSHED;
  }

  /** Nothing: every start is the first one. */
  query(): StoredEvent[] {
    this.checkOpen();
    return [];
  }

  fold(): StoredEvent[] {
    return this.query();
  }

  async close(): Promise<void> {
    this.isOpen = false;
  }

  private checkOpen(): void {
    if (!this.isOpen) throw fault('BOT-001', 'Event store must be open to be used, was closed.');
  }
}
