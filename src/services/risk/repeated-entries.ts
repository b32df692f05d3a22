import { fault } from '../../domain/errors.js';
import type { Order } from '../../domain/order.js';
import type { EventStore } from '../../ports/storage/event-store.js';
import { FOLDS } from '../../ports/storage/journal-folds.js';
import type { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { finding, type Assessment, type RiskFinding } from './assessment.js';
import type { OrderHistory } from './order-history.js';
import type { RiskJournal } from './risk-journal.js';

const SYSTEM = 'system';
const REARMED = 'strategy_rearmed';
export interface RepeatedEntriesParts {
  readonly ladder: SafetyLadder;
  readonly events: EventStore;
  readonly history: OrderHistory;
  readonly journal: RiskJournal;
}

/**
 * Entries of each strategy since a person last did something about it: re-armed it, or changed the safety state. Beyond
 * the limit the strategy is disabled: its entries are refused until it is re-armed, its exits go on. Counted from the
 * journal's orders, so that a restart, which may be nobody's doing, changes nothing.
 */
export class RepeatedEntries {
  /** Undefined until the journal has been read. */
  private counts: Map<string, number> | undefined;
  /** Strategies that have reached the limit, not told yet. */
  private reached: string[] = [];

  constructor(private readonly parts: RepeatedEntriesParts) {
    parts.ladder.onChange(({ actor }) => {
      if (actor !== SYSTEM) this.counts = new Map();
    });
  }

  check(order: Assessment): RiskFinding | undefined {
    const limit = order.limits.risk.maxUnattendedEntries;
    if (limit === undefined || order.shrinks) return undefined;
    const { strategy } = order.intent.origin;
    const count = this.counted().get(strategy) ?? 0;
    if (count < limit) return undefined;
    return finding(
      'repeated_execution',
      `${strategy} has made ${count} entries without anybody's doing, and ${limit} are allowed; it is disabled until a person resumes.`,
    );
  }

  /** Called once for every order that is approved. */
  spend(order: Assessment): void {
    const limit = order.limits.risk.maxUnattendedEntries;
    if (order.shrinks || (limit === undefined && this.counts === undefined)) return;
    const { strategy } = order.intent.origin;
    const counts = this.counted();
    const count = (counts.get(strategy) ?? 0) + 1;
    counts.set(strategy, count);
    if (count === limit) this.reached.push(strategy);
  }

  /** Records who has been disabled, once it is sure that the order is made. */
  tell(limit: number | undefined): void {
    if (limit === undefined || this.reached.length === 0) return;
    for (const strategy of this.reached)
      this.parts.journal.record('strategy_disabled', { strategy, entries: limit, limit });
    this.reached = [];
  }

  /** Takes back what is spent from now on. */
  mark(): () => void {
    const before = this.counts === undefined ? undefined : new Map(this.counts);
    return () => {
      this.counts = before;
      this.reached = [];
    };
  }

  /** Strategies that have reached the limit. */
  disabled(limit: number | undefined): readonly string[] {
    if (limit === undefined) return [];
    return [...this.counted()].filter(([, count]) => !(count < limit)).map(([strategy]) => strategy);
  }

  /** Begins the count anew, of one strategy or of all, once the record of it is on disk. */
  async rearm(reason: string, actor: string, strategy?: string): Promise<void> {
    if (actor.trim() === '' || actor === SYSTEM)
      throw fault('RISK-003', `Re-arming a strategy must name an operator, was ${JSON.stringify(actor)}.`, {
        fix: 'Re-arm by hand, with your name and a reason.',
      });
    if (reason.trim() === '')
      throw fault('RISK-003', 'Re-arming a strategy must give a reason, was blank.', {
        fix: 'Say why it is safe to go on.',
      });
    await this.parts.events.appendDurable(REARMED, { strategy: strategy ?? null, actor, reason });
    if (strategy === undefined) this.counts = new Map();
    else this.counted().delete(strategy);
  }

  private counted(): Map<string, number> {
    return (this.counts ??= this.fold());
  }

  private fold(): Map<string, number> {
    const { history, events } = this.parts;
    let allSince = Number.NEGATIVE_INFINITY;
    const since = new Map<string, number>();
    for (const { at, type, payload } of events.fold(FOLDS.personsDoings)) {
      const { strategy, actor } = payload;
      if (type === REARMED && typeof strategy === 'string') since.set(strategy, at);
      else if (actor !== SYSTEM) allSince = at;
    }
    const counts = new Map<string, number>();
    for (const order of history.all()) {
      const strategy = order.origin?.strategy;
      if (strategy === undefined || !isEntry(order)) continue;
      if (order.createdAt >= Math.max(allSince, since.get(strategy) ?? allSince))
        counts.set(strategy, (counts.get(strategy) ?? 0) + 1);
    }
    return counts;
  }
}

/** What shrinks a position is sent as reduce-only; on a spot market, where there is no such order, it sells. */
function isEntry({ request }: Order): boolean {
  if (request.reduceOnly) return false;
  return request.instrument.spec.kind !== 'spot' || request.side === 'buy';
}
