import type { AccountTerms, SymbolTerms } from '../ports/venue/account-terms.js';
import { allowOneOf, requireAbove, requireFlag, requireObject, requireText, unreadable } from './reading.js';
import { MARGIN_MODES, POSITION_MODES } from './words.js';

/** Throws VENUE-005: terms that cannot be read are not known, and never those that were wished for. */
export function readAccountTerms(terms: AccountTerms): AccountTerms {
  requireObject(terms, 'Terms of the account');
  allowOneOf(terms.positionMode, POSITION_MODES, 'Position mode of the account');
  allowOneOf(terms.marginMode, MARGIN_MODES, 'Margin mode of the account');
  if (terms.symbols !== undefined) {
    if (!Array.isArray(terms.symbols)) throw unreadable('Terms by symbol', 'a list', terms.symbols);
    for (const symbol of terms.symbols as readonly SymbolTerms[]) readSymbolTerms(symbol);
  }
  if (terms.permissions !== undefined) {
    requireObject(terms.permissions, 'Permissions of the account');
    requireFlag(terms.permissions.trade, 'Permission to trade');
    if (terms.permissions.withdraw !== undefined) requireFlag(terms.permissions.withdraw, 'Permission to withdraw');
  }
  return terms;
}

function readSymbolTerms(terms: SymbolTerms): void {
  requireObject(terms, 'Terms of a symbol');
  const { symbol, leverage, marginMode } = terms;
  requireText(symbol, 'Symbol of account terms');
  if (leverage !== undefined) requireAbove(leverage, `Leverage of ${symbol}`);
  allowOneOf(marginMode, MARGIN_MODES, `Margin mode of ${symbol}`);
}
