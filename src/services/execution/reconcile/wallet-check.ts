import { readBalances } from '../../../border/positions.js';
import { Decimal, ZERO } from '../../../domain/decimal.js';
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
}

/** Venues round by rules of their own: a difference below a thousandth of what is there is theirs. */
const TOLERANCE = new Decimal('0.001');
const LEAST = new Decimal('0.01');

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

  constructor(private readonly ports: WalletPorts) {
    ports.portfolio.onFill((fill) => {
      if (isPaidElsewhere(fill)) this.elsewhere = this.elsewhere.plus(fill.instrument.money(fill.fee));
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
    if (session.capabilities.transfers) {
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
    const { collateral } = this.ports.config.current.execution;
    const theirs = readBalances(await inTime(this.ports.account.listBalances(), this.ports), collateral).reduce(
      (sum, { total }) => sum.plus(total),
      ZERO,
    );
    const ours = this.expected();
    const difference = theirs.minus(ours);
    return difference.abs().gt(Decimal.max(ours.abs().times(TOLERANCE), LEAST)) ? difference : undefined;
  }

  /** What a spot holding cost has left the wallet, while the books count it as margin. */
  private expected(): Decimal {
    const { portfolio } = this.ports;
    let held = portfolio.unit.of(portfolio.ledger.holdings).minus(this.elsewhere);
    for (const { instrument, cost } of portfolio.positions())
      if (instrument.spec.kind === 'spot') held = held.minus(instrument.money(cost));
    return held;
  }
}

/** Coins of a spot market that went as a fee are accounted for by the position. */
function isPaidElsewhere({ fees, instrument: { spec } }: Fill): boolean {
  return fees?.some(({ asset }) => asset !== spec.settle && !(spec.kind === 'spot' && asset === spec.base)) === true;
}
