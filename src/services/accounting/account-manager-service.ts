import { injectable } from 'inversify';
import { messageOf } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import type { AccountManager } from '../../ports/accounts.js';
import { Brokerage } from '../../ports/brokerage.js';
import { EventStore, type Payload } from '../../ports/event-store.js';
import { Logger } from '../../ports/logger.js';
import { Redactor } from '../../ports/redactor.js';
import { withoutPersonalData } from './personal-data.js';

type Part = () => Promise<Readonly<Record<string, unknown>>>;

/** Asks the venue for everything it tells about the account, part by part, and keeps what may be kept. */
@injectable()
export class AccountManagerService implements AccountManager {
  constructor(
    @inject(Brokerage) private readonly broker: Brokerage,
    @inject(EventStore) private readonly events: EventStore,
    @inject(Redactor) private readonly redactor: Redactor,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  get supportsSnapshots(): boolean {
    return this.broker.capabilities.accountSnapshots && this.broker.getAccountSnapshot !== undefined;
  }

  async snapshot(emitMetric = true): Promise<Payload> {
    const answers = await Promise.all(Object.entries(this.parts()).map(([name, part]) => this.ask(name, part)));
    const merged: Record<string, unknown> = {};
    const unavailable: Record<string, string> = {};
    for (const { name, answer, failure } of answers) {
      if (failure === undefined) Object.assign(merged, answer);
      else unavailable[name] = failure;
    }
    const whole = Object.keys(unavailable).length === 0 ? merged : { ...merged, unavailable };
    const snapshot = withoutPersonalData(this.redactor.plain(whole) as Payload);
    if (emitMetric) this.events.append('account_manager_snapshot', snapshot, `${this.broker.capabilities.venue}_account`);
    return snapshot;
  }

  private parts(): Record<string, Part> {
    const { broker } = this;
    return {
      ...(this.supportsSnapshots ? { account: async () => (await broker.getAccountSnapshot?.()) ?? {} } : {}),
      balances: async () => ({ balances: await broker.listBalances() }),
      positions: async () => ({ positions: await broker.listPositions() }),
    };
  }

  private async ask(name: string, part: Part): Promise<{ name: string; answer?: Readonly<Record<string, unknown>>; failure?: string }> {
    try {
      return { name, answer: await part() };
    } catch (error) {
      this.logger.warn('Part of the account snapshot is not available', { part: name, error });
      return { name, failure: messageOf(error) };
    }
  }
}
