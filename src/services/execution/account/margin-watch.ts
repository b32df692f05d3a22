import type { Fill } from '../../../domain/order.js';
import { tighten } from '../../../flow/tighten.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';
import type { MarginEvent } from '../../../ports/venue/account-event.js';

/** What a venue closes, or says that it will: the account has come to where nothing may be added to it. */
export class MarginWatch {
  constructor(
    private readonly portfolio: Portfolio,
    private readonly journal: EventStore,
    private readonly ladder: SafetyLadder,
    private readonly logger: Logger,
  ) {}

  /** The venue is about to close what is open, or does. */
  warn({ level, symbol, message, equity, maintenance, at }: MarginEvent): void {
    this.logger.error('The venue warns of too little margin', { level, symbol, message });
    tighten(this.ladder, 'REDUCE_ONLY', `margin_${level}`, this.logger);
    this.journal.append('margin_warning', {
      level,
      symbol: symbol ?? null,
      message,
      equity: equity?.toString() ?? null,
      maintenance: maintenance?.toString() ?? null,
      warned_at: at,
    });
  }

  /** An order of ours ended because its position is being liquidated. */
  announced(clientId: string): void {
    this.logger.error('An order ended by a liquidation', { client_order_id: clientId });
    tighten(this.ladder, 'REDUCE_ONLY', 'liquidation_announced', this.logger);
  }

  /**
   * A fill that the venue made of our position, booked by now, and tightened before it is journaled: one that is lost
   * with the process is told again. Liquidated whole, nothing is sent any more until a person has looked; in part,
   * nothing is added. A position that was deleveraged has been closed at a gain: it is said.
   */
  closed({ cause, tradeId, instrument }: Fill): void {
    if (cause !== 'liquidation' && cause !== 'adl') return;
    const left = this.portfolio.position(instrument);
    const facts = { symbol: instrument.symbol, trade_id: tradeId, left: left.size.toString() };
    if (cause === 'adl') {
      this.logger.error('The venue has deleveraged a position', facts);
      return;
    }
    this.logger.error('The venue has liquidated a position', facts);
    if (left.isFlat) tighten(this.ladder, 'LOCKED', 'liquidated', this.logger);
    else tighten(this.ladder, 'REDUCE_ONLY', 'liquidated_in_part', this.logger);
  }
}
