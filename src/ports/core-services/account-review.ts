import { token } from '../../injection/token.js';

/** One thing that bot and venue tell differently, in words and decimal text. */
export interface AccountDifference {
  /** `unanswered`: the venue could not be asked for it, so that nobody knows. */
  readonly what: 'order' | 'fill' | 'position' | 'balance' | 'terms' | 'unanswered';
  /** Client id, trade, symbol, asset, term, or what was asked for. */
  readonly of: string;
  /** Null: it is not known here. */
  readonly believed: string | null;
  /** Null: the venue has none. */
  readonly held: string | null;
}

/** What somebody else has on the account: counted in exposure, shown, untouched. Sizes are in base units. */
export interface ForeignHolding {
  readonly kind: 'order' | 'position';
  /** What `adopt` takes for an order: its client id, or the venue's. */
  readonly id: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell' | 'long' | 'short';
  readonly size: string;
  readonly terms: string;
}

/** How far the position of a symbol may go by what stands at the venue, whoever's it is; base units, signed. */
export interface SymbolExposure {
  readonly symbol: string;
  readonly position: string;
  /** Every open order that adds to one side has filled, and none of the other. */
  readonly most: string;
  readonly least: string;
  /** Part of it is somebody else's. */
  readonly hasForeign: boolean;
}

export interface ReconcileReport {
  /** World time, epoch milliseconds. */
  readonly at: number;
  readonly venue: string;
  readonly account: string | null;
  /** No difference: what this bot believes is what the venue holds. */
  readonly agreed: boolean;
  readonly differences: readonly AccountDifference[];
  /** What differed at the first look, and has been brought in since by the bot's own reconciliation. */
  readonly mended: readonly AccountDifference[];
  readonly foreign: readonly ForeignHolding[];
  readonly exposure: readonly SymbolExposure[];
}

/** Looks at the whole account: what is believed of it here, and what its venue holds. */
export interface AccountReview {
  /** Never rejects for what the venue does not answer: that is a difference. */
  reconcile(): Promise<ReconcileReport>;
  /**
   * Takes an open order of somebody else's for the bot's own: journaled with actor and reason before it is, counted and
   * withdrawn like the others from then on. `id` is its client id, or the venue's. Rejects with CTRL-002 for one that
   * is not there, is the bot's already, or cannot be its.
   */
  adopt(id: string, by: { readonly actor: string; readonly reason: string }): Promise<ReconcileReport>;
}
export const AccountReview = token<AccountReview>('AccountReview');
