import { readBalances } from '../../../border/positions.js';
import { fault, messageOf } from '../../../domain/errors.js';
import type { Balance } from '../../../domain/market.js';
import { ZERO, type Decimal } from '../../../domain/decimal.js';
import type { Fill } from '../../../domain/order.js';
import { inTime } from '../../../flow/in-time.js';
import { tighten } from '../../../flow/tighten.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { AccountStream } from '../../../ports/core-services/execution.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import type { RequestBudget } from '../../../ports/core-services/request-budget.js';
import { isBeyondRounding, walletOf } from './wallet.js';

export interface WalletPorts {
  readonly config: ConfigController;
  readonly session: VenueSession;
  readonly account: AccountAccess;
  readonly portfolio: Portfolio;
  readonly stream: AccountStream;
  readonly journal: EventStore;
  readonly ladder: SafetyLadder;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budget: RequestBudget;
}

/** So many answers without an asset, beside others that they name, say that none of it is left. */
const ANSWERS_NEEDED = 3;

/**
 * Compares the money that the venue holds for us with our books. What fills, fees, funding and listed transfers do not
 * explain, twice alike, has come or gone another way. A venue that lists transfers would have told: nothing is
 * increased until a person has looked. Of any other it is taken for money put in or taken out: equity and baselines
 * follow it, and it is no profit.
 */
export class WalletCheck {
  private seen: string | undefined;
  /** Fees that were paid from another wallet than the one that is compared. */
  private elsewhere = ZERO;
  /** Collateral that the venue has named: an answer that leaves it out is not the whole answer. */
  private readonly named = new Set<string>();
  /** Answers in a row that left some of it out, and named other. */
  private partial = 0;
  private saidUnknown = false;

  constructor(private readonly ports: WalletPorts) {
    ports.portfolio.onFill((fill) => {
      if (isPaidElsewhere(fill)) this.elsewhere = this.elsewhere.plus(fill.instrument.money(fill.fee));
    });
  }

  /** What the account began with is not known yet; until it is, equity is zero and nothing is opened. */
  get awaitsOpening(): boolean {
    const { session, portfolio } = this.ports;
    return session.capabilities.transfers !== true && portfolio.ledger.deposits === 0;
  }

  /**
   * A venue that cannot list all transfers: what it holds when it first names collateral is the opening balance. Asked
   * for until it has: no answer, and one without collateral, are not zero. Never rejects.
   */
  async open(): Promise<void> {
    if (!this.awaitsOpening) return;
    const { config, stream, portfolio, clock } = this.ports;
    const { collateral } = config.current.execution;
    try {
      let booked = this.expected();
      for (const { asset, total } of await this.collateral()) {
        // What fills, fees and funding have moved since is booked already.
        const amount = total.minus(booked);
        if (!total.isPositive() || total.isZero() || amount.isZero()) continue;
        booked = ZERO;
        stream.accept({ kind: 'transfer', id: `opening-${asset}`, amount, asset, at: clock.now() });
      }
      if (portfolio.ledger.deposits === 0) this.sayUnknown('it holds none', collateral);
    } catch (error) {
      this.sayUnknown(messageOf(error), collateral);
    }
  }

  private sayUnknown(reason: string, collateral: readonly string[]): void {
    if (this.saidUnknown) return;
    this.saidUnknown = true;
    this.ports.logger.warn('The venue names no collateral of the account; nothing is opened until it does', {
      collateral,
      reason,
    });
  }

  /** Rejects when the venue cannot tell. Positions agree: a missing fill would be missing money too. */
  async run(): Promise<void> {
    // Nothing to compare with before a balance has been booked.
    if (this.ports.portfolio.ledger.deposits === 0) return;
    let difference = await this.difference();
    if (difference !== undefined) {
      await this.ports.stream.backfill();
      difference = await this.difference();
    }
    const text = difference?.toString();
    const isLasting = text !== undefined && text === this.seen;
    this.seen = text;
    if (isLasting && difference !== undefined) this.settle(difference);
  }

  private settle(difference: Decimal): void {
    const { session, config, stream, journal, ladder, clock, logger } = this.ports;
    const facts = { difference: difference.toString(), holdings: this.expected().toString() };
    logger.error('The venue holds another amount of money than our books', facts);
    if (session.capabilities.transfers !== false) {
      journal.append('balance_drift', facts);
      tighten(ladder, 'REDUCE_ONLY', 'balance_differs', logger);
      return;
    }
    const asset = config.current.execution.collateral[0];
    if (asset === undefined) return;
    const at = clock.now();
    this.seen = undefined;
    stream.accept({ kind: 'transfer', id: `unlisted-${at}`, amount: difference, asset, at });
  }

  /** Undefined where it is within what rounding explains. */
  private async difference(): Promise<Decimal | undefined> {
    const theirs = (await this.collateral()).reduce((sum, { total }) => sum.plus(total), ZERO);
    const ours = this.expected();
    const difference = theirs.minus(ours);
    return isBeyondRounding(difference, ours) ? difference : undefined;
  }

  /** Rejects when an answer leaves out what was named before, or names nothing: that is not the whole answer. */
  private async collateral(): Promise<readonly Balance[]> {
    const { collateral } = this.ports.config.current.execution;
    const told = readBalances(await inTime(() => this.ports.account.listBalances(), this.ports), collateral);
    const missing = [...this.named].filter((asset) => !told.some((balance) => balance.asset === asset));
    this.partial = told.length > 0 && missing.length > 0 ? this.partial + 1 : 0;
    // Some venues do not list what is used up.
    if (this.partial >= ANSWERS_NEEDED) for (const asset of missing) this.named.delete(asset);
    else if (told.length === 0 || missing.length > 0)
      throw fault(
        'VENUE-005',
        `The venue must name the balance of ${(missing.length > 0 ? missing : collateral).join(', ')}, did not.`,
      );
    for (const { asset } of told) this.named.add(asset);
    return told;
  }

  private expected(): Decimal {
    return walletOf(this.ports.portfolio, this.elsewhere);
  }
}

/** Coins of a spot market that went as a fee are accounted for by the position. */
function isPaidElsewhere({ fees, instrument: { spec } }: Fill): boolean {
  return fees?.some(({ asset }) => asset !== spec.settle && !(spec.kind === 'spot' && asset === spec.base)) === true;
}
