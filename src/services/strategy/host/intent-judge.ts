import type { Decision } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import type { Position } from '../../../domain/position.js';
import type { ListPlace } from '../../../ports/core-services/risk-manager.js';
import type { Intent } from '../../../ports/strategy/intent.js';
import type { IntentRefusal } from '../../../ports/strategy/order-ticket.js';
import type { DeskPorts } from './desk-ports.js';
import { gateObjection, IntentStorm, protecting, reduces, refusal, tagObjection } from './intent-checks.js';
import { standingObjection, type InstanceStanding } from './standing-checks.js';
import type { StrategyWatch, WatchFinding } from './suspension/strategy-watch.js';
import type { TicketBook } from './ticket-book.js';

/** The desk on which an intent is asked. */
export interface JudgedDesk extends InstanceStanding {
  readonly symbol: string;
  readonly now: number;
  /** The bar that is told has ended before now. */
  readonly isPast: boolean;
  readonly tickets: Pick<TicketBook, 'isTaken'>;
  readonly watch: StrategyWatch;
  account(symbol: string): Position;
  /** It wants more than it holds. */
  entryAsked(): void;
  object(finding: WatchFinding | undefined): void;
}

/** What a desk turns away by itself; rules and risk are asked after it. */
export class IntentJudge {
  private readonly storm = new IntentStorm();

  constructor(
    private readonly strategy: string,
    private readonly desk: JudgedDesk,
    private readonly ports: Pick<DeskPorts, 'indicators'>,
  ) {}

  /** One was turned away, by whomever. */
  refused(now: number): void {
    this.storm.refused(now);
  }

  objection(intent: Intent, within?: ListPlace): IntentRefusal | undefined {
    return tagObjection(intent.tag) ?? this.ofTerms(intent, within);
  }

  private ofTerms(intent: Intent, within: ListPlace | undefined): IntentRefusal | undefined {
    const { desk } = this;
    const { symbol } = intent.instrument;
    if (symbol !== desk.symbol) throw fault('STRAT-001', `${this.strategy} must trade ${desk.symbol}, was ${symbol}.`);
    if (desk.tickets.isTaken(intent.tag))
      return refusal('duplicate_tag', `An order of tag ${intent.tag} is open already.`);
    if (desk.isPast) return refusal('past', 'The bar that is told has ended before now: nothing is asked on it.');
    const position = desk.account(symbol);
    // What sleeps behind an entry of its list takes back no more than that brings.
    const isReducing = within?.after !== undefined || reduces(intent, position);
    if (!isReducing) desk.entryAsked();
    const standing = standingObjection(desk, isReducing, protecting(intent));
    if (standing !== undefined) return standing;
    // Whoever storms is turned away, but never from what takes risk off.
    const stormy = isReducing ? undefined : this.storm.objection(desk.now);
    if (stormy !== undefined) {
      desk.object(desk.watch.stormed(desk.now));
      return stormy;
    }
    const shut = gateObjection(intent, desk.gate, position);
    if (shut !== undefined) return shut;
    const filtered = this.filtered(intent, position);
    return filtered === undefined ? undefined : refusal('entry_filter', filtered.reason);
  }

  /** The filters of the symbol hold back what opens a long, as they do for decisions. */
  private filtered({ side, role }: Intent, position: Position): Decision | undefined {
    if (side !== 'buy' || role !== 'entry' || position.lots !== 0) return undefined;
    return this.ports.indicators.entryBlock(this.desk.symbol, this.desk.now);
  }
}
