import { injectable } from 'inversify';
import { readBalances, readPosition } from '../../../border/positions.js';
import { requireList } from '../../../border/reading.js';
import { Decimal, ZERO } from '../../../domain/decimal.js';
import { inTime } from '../../../flow/in-time.js';
import { inject } from '../../../injection/inject.js';
import type { VenuePosition } from '../../../domain/market.js';
import { AccountAccess } from '../../../ports/venue/account-access.js';
import { VenueSession } from '../../../ports/venue/venue-session.js';
import { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import { EventStore } from '../../../ports/storage/event-store.js';
import {
  AccountStream,
  PositionReconciler,
  type PositionReconcileReport,
} from '../../../ports/core-services/execution.js';
import { Scheduler } from '../../../ports/configuration/scheduler.js';
import { Clock } from '../../../ports/configuration/clock.js';
import { Logger } from '../../../ports/configuration/logger.js';
import { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';

import { WalletCheck } from './wallet-check.js';
import { UNLIMITED } from '../../../flow/unlimited-requests.js';
import { RequestBudget } from '../../../ports/core-services/request-budget.js';

type Drift = Record<string, { readonly ours: string; readonly venue: string }>;

/** A long and a short one of one instrument are two positions, however little is left between them. */
const areOpposite = (sizes: readonly Decimal[]): boolean =>
  sizes.some((size) => size.isNegative()) && sizes.some((size) => size.isPositive());

/**
 * Compares positions built from fills with the venue's. A difference is drift only when it is still there after the
 * missing fills were fetched. Positions of instruments this bot neither trades nor holds are foreign: shown, untouched.
 */
@injectable()
export class VenuePositionReconciler implements PositionReconciler {
  /** The drift last journaled: the same one is one record, however often it is seen. */
  private lastDrift = '';
  private readonly foreign = new Set<string>();
  private readonly wallet: WalletCheck;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(AccountAccess) private readonly account: AccountAccess,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(AccountStream) private readonly stream: AccountStream,
    @inject(EventStore) private readonly journal: EventStore,
    @inject(Logger) private readonly logger: Logger,
    @inject(VenueSession) session: VenueSession,
    @inject(SafetyLadder) ladder: SafetyLadder,
    @inject(Scheduler) private readonly scheduler: Scheduler,
    @inject(Clock) private readonly clock: Clock,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {
    this.wallet = new WalletCheck({
      config,
      session,
      account,
      portfolio,
      stream,
      journal,
      ladder,
      scheduler,
      clock,
      logger,
      budget,
    });
  }

  get awaitsBalance(): boolean {
    return this.wallet.awaitsOpening;
  }

  async reconcile(): Promise<PositionReconcileReport> {
    await this.wallet.open();
    let drift = await this.compare();
    if (Object.keys(drift).length > 0) {
      await this.stream.backfill();
      drift = await this.compare();
    }
    // A fill may have been swallowed long before the newest one known. Looked for once per difference: venues limit
    // such queries.
    if (Object.keys(drift).length > 0 && JSON.stringify(drift) !== this.lastDrift) {
      await this.stream.backfill(true);
      drift = await this.compare();
    }
    this.record(drift);
    const matched = Object.keys(drift).length === 0;
    if (matched) await this.wallet.run();
    return { matched, drift };
  }

  private async compare(): Promise<Drift> {
    const venue = new Map<string, Decimal>();
    const sides = new Map<string, Decimal[]>();
    const listed = await this.inTime(() => this.account.listPositions());
    requireList(listed, 'Positions');
    const ours = new Map<string, Decimal>();
    for (const position of this.portfolio.positions()) ours.set(position.instrument.symbol, position.size);
    for (const position of listed) {
      if (!this.isReadable(position, ours)) continue;
      venue.set(position.symbol, (venue.get(position.symbol) ?? ZERO).plus(position.size));
      if (!position.size.isZero()) sides.set(position.symbol, [...(sides.get(position.symbol) ?? []), position.size]);
    }
    await this.addSpotHoldings(venue);
    const drift: Drift = {};
    for (const symbol of new Set([...ours.keys(), ...venue.keys()])) {
      const mine = ours.get(symbol) ?? ZERO;
      const theirs = venue.get(symbol) ?? ZERO;
      const held = sides.get(symbol) ?? [];
      if ((!mine.eq(theirs) || areOpposite(held)) && !this.isForeign(symbol, ours))
        drift[symbol] = { ours: mine.toString(), venue: areOpposite(held) ? held.join(' and ') : theirs.toString() };
    }
    return drift;
  }

  /** One that may be ours is not known when it cannot be read, and rejects; a row of somebody else's hides no other. */
  private isReadable(position: VenuePosition, ours: ReadonlyMap<string, Decimal>): boolean {
    try {
      readPosition(position);
      return true;
    } catch (error) {
      const symbol: unknown = (position as Partial<VenuePosition> | undefined)?.symbol;
      if (typeof symbol !== 'string' || symbol === '' || !this.isForeign(symbol, ours)) throw error;
      return false;
    }
  }

  /**
   * What is held on spot is a balance, not a position. Ours is part of it: coins beyond it are somebody's own and are
   * left alone; fewer than it is drift.
   */
  private async addSpotHoldings(venue: Map<string, Decimal>): Promise<void> {
    const held = [...this.portfolio.positions()].filter(
      (position) => position.instrument.spec.kind === 'spot' && !position.isFlat,
    );
    if (held.length === 0) return;
    const assets = held.map(({ instrument }) => instrument.spec.base);
    const balances = readBalances(await this.inTime(() => this.account.listBalances()), assets);
    for (const { instrument, size } of held) {
      const total = balances.find((balance) => balance.asset === instrument.spec.base)?.total ?? ZERO;
      venue.set(instrument.symbol, Decimal.min(total, size));
    }
  }

  private inTime<T>(question: () => Promise<T>): Promise<T> {
    const { scheduler, config, budget, clock } = this;
    return inTime(question, { scheduler, config, budget, clock });
  }

  private isForeign(symbol: string, ours: ReadonlyMap<string, Decimal>): boolean {
    if (ours.has(symbol) || this.config.current.symbols.includes(symbol)) return false;
    if (!this.foreign.has(symbol)) {
      this.foreign.add(symbol);
      this.logger.warn('A position that is not ours is left alone', { symbol });
      this.journal.append('foreign_position', { symbol });
    }
    return true;
  }

  private record(drift: Drift): void {
    const text = JSON.stringify(drift);
    if (text === this.lastDrift) return;
    this.lastDrift = text;
    if (Object.keys(drift).length === 0) return;
    this.logger.error('Positions differ from the venue', { drift });
    this.journal.append('position_drift', { changes: drift });
  }
}
