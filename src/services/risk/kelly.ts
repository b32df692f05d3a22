import type { Portfolio } from '../../ports/runtime-state/portfolio.js';

const FEWEST_TRADES = 30;

/**
 * Win rate and payoff of closing fills since the start, and from them half the Kelly fraction `W - (1 - W) / R`
 * (Kelly, "A New Interpretation of Information Rate", 1956). Signals, not money: plain numbers.
 */
export class Kelly {
  private readonly realised = new Map<string, number>();
  private wins = 0;
  private losses = 0;
  private won = 0;
  private lost = 0;

  constructor(portfolio: Portfolio) {
    portfolio.onFill((_fill, { instrument, realised }) => this.note(instrument.symbol, realised));
  }

  /** At least 0; undefined before enough trades were closed, or without a loss to measure the payoff by. */
  halfFraction(): number | undefined {
    const trades = this.wins + this.losses;
    if (trades < FEWEST_TRADES || this.losses === 0) return undefined;
    if (this.wins === 0) return 0;
    const rate = this.wins / trades;
    const payoff = this.won / this.wins / (this.lost / this.losses);
    return Math.max(0, rate - (1 - rate) / payoff) / 2;
  }

  private note(symbol: string, realised: number): void {
    const result = realised - (this.realised.get(symbol) ?? 0);
    if (result === 0) return;
    this.realised.set(symbol, realised);
    if (result > 0) {
      this.wins += 1;
      this.won += result;
    } else {
      this.losses += 1;
      this.lost -= result;
    }
  }
}
