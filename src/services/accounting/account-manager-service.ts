import { injectable } from 'inversify';
import type { Decimal } from '../../domain/decimal.js';
import { fault, messageOf } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import type { AccountManager } from '../../ports/accounting/accounts.js';
import { AccountAccess } from '../../ports/venue/account-access.js';
import { Treasury, type ConversionRequest, type FundsMove } from '../../ports/venue/treasury.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { EventStore, type Payload } from '../../ports/storage/event-store.js';
import { Clock } from '../../ports/configuration/clock.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';
import { askUnlessHeld } from '../../flow/left-alone.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { Logger } from '../../ports/configuration/logger.js';
import { Redactor } from '../../ports/configuration/redactor.js';
import { withoutPersonalData } from './personal-data.js';

type Part = () => Promise<Readonly<Record<string, unknown>>>;

/**
 * Asks the venue for everything it tells about the account, part by part, and keeps what may be kept. Nothing is asked,
 * converted or moved while the venue wants to be left alone.
 */
@injectable()
export class AccountManagerService implements AccountManager {
  constructor(
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(AccountAccess) private readonly account: AccountAccess,
    @inject(Treasury) private readonly treasury: Treasury,
    @inject(EventStore) private readonly events: EventStore,
    @inject(Redactor) private readonly redactor: Redactor,
    @inject(Clock) readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) readonly budget: RequestBudget = UNLIMITED,
  ) {}

  get supportsSnapshots(): boolean {
    return this.session.capabilities.accountSnapshots;
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
    const snapshot = this.kept(whole);
    if (emitMetric)
      this.events.append('account_manager_snapshot', snapshot, `${this.session.capabilities.venue}_account`);
    return snapshot;
  }

  async convert(request: ConversionRequest, commit = true): Promise<Payload> {
    const { treasury } = this;
    assertPositive(request.amount, 'Amount to convert');
    const quote = await askUnlessHeld(() => treasury.quoteConversion(request), this);
    if (quote.id === '') throw fault('VENUE-003', 'A conversion quote must carry an id, was without one.');
    const facts = {
      trade_id: quote.id,
      from: request.from,
      to: request.to,
      amount: request.amount.toString(),
      quote: quote.details,
    };
    if (!commit) return this.kept(facts);
    return this.journaled('convert_commit', {
      ...facts,
      result: await askUnlessHeld(() => treasury.commitConversion(quote.id), this),
    });
  }

  async moveFunds(request: FundsMove): Promise<Payload> {
    assertPositive(request.amount, 'Amount to move');
    const result = await askUnlessHeld(() => this.treasury.moveFunds(request), this);
    return this.journaled('portfolio_move', {
      from: request.fromPortfolio,
      to: request.toPortfolio,
      asset: request.asset,
      amount: request.amount.toString(),
      result,
    });
  }

  private journaled(type: string, facts: Readonly<Record<string, unknown>>): Payload {
    const payload = this.kept(facts);
    this.events.append(type, payload, `${this.session.capabilities.venue}_account`);
    return payload;
  }

  private kept(facts: Readonly<Record<string, unknown>>): Payload {
    return withoutPersonalData(this.redactor.plain(facts) as Payload);
  }

  private parts(): Record<string, Part> {
    const { account } = this;
    return {
      ...(this.supportsSnapshots ? { account: () => account.getAccountSnapshot() } : {}),
      balances: async () => ({ balances: await account.listBalances() }),
      positions: async () => ({ positions: await account.listPositions() }),
    };
  }

  private async ask(
    name: string,
    part: Part,
  ): Promise<{ name: string; answer?: Readonly<Record<string, unknown>>; failure?: string }> {
    try {
      return { name, answer: await askUnlessHeld(part, this) };
    } catch (error) {
      this.logger.warn('Part of the account snapshot is not available', { part: name, error });
      return { name, failure: messageOf(error) };
    }
  }
}

function assertPositive(amount: Decimal, what: string): void {
  if (!(amount.isFinite() && amount.gt(0)))
    throw fault('NUM-003', `${what} must be positive, was ${amount.toString()}.`);
}
