// #region strategy
import {
  eventStrategy,
  lots,
  ticks,
  type BarEvent,
  type EventStrategy,
  type Fill,
  type Intent,
  type OrderTicket,
  type StrategyDesk,
} from 'perpsbot';

/** Rests a bid below the market, moved with every bar; what fills has its stop at once, and two targets above. */
class DipLadder implements EventStrategy {
  readonly name = 'dip-ladder';
  readonly needs;

  constructor(private readonly symbol: string) {
    this.needs = { symbols: [symbol], timeframes: [{ ms: 900_000, lookback: 1 }] };
  }

  onBar({ close, low }: BarEvent, desk: StrategyDesk): void {
    desk.cancelAll({ role: 'entry' }, 'the bar is over');
    if (desk.book(this.symbol).lots !== 0) {
      desk.hold(this.symbol, 'the exits have the position');
      return;
    }
    const limit = ticks(Math.floor(Math.min(low, close * 0.99)));
    this.ask(desk, { side: 'buy', type: 'limit', limit, lots: this.size(desk), role: 'entry', tag: `bid/${desk.now}` });
  }

  onFill({ side, price, lots: filled }: Fill, ticket: OrderTicket, desk: StrategyDesk): void {
    if (side === 'sell') {
      if (desk.book(this.symbol).lots === 0) desk.cancelAll({ side: 'sell' }, 'nothing is held');
      return;
    }
    const name = `${ticket.tag}/${ticket.filledLots}`;
    const exit = { side: 'sell', reduceOnly: true } as const;
    this.ask(desk, {
      ...exit,
      type: 'stop_market',
      stop: at(price, 0.98),
      lots: filled,
      role: 'stop',
      tag: `${name}/s`,
    });
    const half = lots(Math.floor(filled / 2));
    const target = { ...exit, type: 'limit', role: 'take_profit' } as const;
    if (half > 0) this.ask(desk, { ...target, limit: at(price, 1.02), lots: half, tag: `${name}/1` });
    this.ask(desk, { ...target, limit: at(price, 1.04), lots: lots(filled - half), tag: `${name}/2` });
  }

  snapshot(): undefined {}
  restore(): void {}

  /** A tenth of the equity. */
  private size(desk: StrategyDesk): Intent['lots'] {
    const mark = desk.mark(this.symbol);
    if (mark === undefined) return lots(0);
    return desk.instrument(this.symbol).lotsFor(Math.floor(desk.equity / 10) as StrategyDesk['equity'], mark);
  }

  private ask(desk: StrategyDesk, intent: Omit<Intent, 'instrument' | 'why'>): void {
    const { refusal } = desk.place({ instrument: desk.instrument(this.symbol), why: intent.role, ...intent });
    if (refusal !== undefined) desk.hold(this.symbol, refusal.reason);
  }
}

const at = (price: number, factor: number): Intent['limit'] & number => ticks(Math.round(price * factor));

export default eventStrategy({
  name: 'dip-ladder',
  parameters: [],
  create: (_settings, [symbol = '']) => new DipLadder(symbol),
});
// #endregion
