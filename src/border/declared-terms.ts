import type { MarginMode, PositionMode } from '../domain/order.js';
import type { DeclaredAccount } from '../ports/configuration/settings/declared-account.js';
import type { AccountTerms } from '../ports/venue/account-terms.js';

/** The terms of an account as far as they are known. */
export interface TermsView {
  readonly positionMode?: PositionMode | undefined;
  readonly multiAsset?: boolean | undefined;
  readonly feesIn?: string | undefined;
  marginModeOf(symbol: string): MarginMode | undefined;
  leverageOf(symbol: string): string | undefined;
}

/** One term that is not as declared, or that nobody tells: `now` is then absent. */
export interface TermsDifference {
  readonly term: 'positionMode' | 'marginMode' | 'leverage' | 'multiAsset' | 'feesIn';
  readonly symbol?: string;
  readonly now?: string;
  readonly declared: string;
}

/** What of the account is not as declared, in the order in which it would be changed. */
export function differencesOf(
  declared: DeclaredAccount,
  view: TermsView,
  symbols: readonly string[],
): readonly TermsDifference[] {
  const { positionMode, multiAsset, feesIn, marginMode, leverage } = declared;
  return [
    ...difference('positionMode', positionMode, view.positionMode),
    ...difference('multiAsset', multiAsset, view.multiAsset),
    ...difference('feesIn', feesIn, view.feesIn),
    ...symbols.flatMap((symbol) => difference('marginMode', marginMode, view.marginModeOf(symbol), symbol)),
    ...symbols.flatMap((symbol) => difference('leverage', leverage, view.leverageOf(symbol), symbol)),
  ];
}

type Term = string | number | boolean | undefined;

function difference(
  term: TermsDifference['term'],
  declared: Term,
  now: Term,
  symbol?: string,
): readonly TermsDifference[] {
  if (declared === undefined || (now !== undefined && String(now) === String(declared))) return [];
  return [
    {
      term,
      ...(symbol === undefined ? {} : { symbol }),
      ...(now === undefined ? {} : { now: String(now) }),
      declared: String(declared),
    },
  ];
}

/** One answer of the venue, by itself. */
export function viewOf({ positionMode, multiAsset, feesIn, marginMode, symbols = [] }: AccountTerms): TermsView {
  const of = new Map(symbols.map((each) => [each.symbol, each]));
  return {
    positionMode,
    multiAsset,
    feesIn,
    marginModeOf: (symbol) => of.get(symbol)?.marginMode ?? marginMode,
    leverageOf: (symbol) => of.get(symbol)?.leverage?.toString(),
  };
}
