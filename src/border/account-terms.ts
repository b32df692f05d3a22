import type { AccountTerms, SymbolTerms } from '../ports/venue/account-terms.js';
import { allowOneOf, requireAbove, requireFlag, requireList, requireObject, requireText } from './reading.js';
import { MARGIN_MODES, POSITION_MODES } from './words.js';

/** What is told of one part that cannot be read. */
type SetAside = (error: unknown) => void;

const refuse: SetAside = (error) => {
  throw error;
};

/**
 * Throws VENUE-005 for terms that cannot be read: they are not known, and never those that were wished for. With
 * `aside`, a part that cannot be read is told there and left out: a margin mode of which nobody has heard must not hide
 * that the key may not trade, nor one symbol the others.
 */
export function readAccountTerms(terms: AccountTerms, aside = refuse): AccountTerms {
  requireObject(terms, 'Terms of the account');
  const { positionMode, marginMode, permissions, multiAsset, feesIn } = terms;
  const isSound = [
    passes(() => allowOneOf(positionMode, POSITION_MODES, 'Position mode of the account'), aside),
    passes(() => allowOneOf(marginMode, MARGIN_MODES, 'Margin mode of the account'), aside),
    passes(() => allowPermissions(permissions), aside),
    passes(() => multiAsset === undefined || requireFlag(multiAsset, 'Multi-asset margin of the account'), aside),
    passes(() => feesIn === undefined || requireText(feesIn, 'Asset of fees'), aside),
  ];
  const symbols = readableSymbols(terms.symbols, aside);
  if (isSound.every(Boolean) && symbols === terms.symbols) return terms;
  const [modeIsSound, marginIsSound, permissionsAreSound, assetsAreSound, feesAreSound] = isSound;
  return {
    ...(modeIsSound === true && positionMode !== undefined ? { positionMode } : {}),
    ...(marginIsSound === true && marginMode !== undefined ? { marginMode } : {}),
    ...(permissionsAreSound === true && permissions !== undefined ? { permissions } : {}),
    ...(assetsAreSound === true && multiAsset !== undefined ? { multiAsset } : {}),
    ...(feesAreSound === true && feesIn !== undefined ? { feesIn } : {}),
    ...(symbols === undefined ? {} : { symbols }),
  };
}

function passes(read: () => void, aside: SetAside): boolean {
  try {
    read();
    return true;
  } catch (error) {
    aside(error);
    return false;
  }
}

/** The list itself where each of it can be read. */
function readableSymbols(symbols: AccountTerms['symbols'], aside: SetAside): AccountTerms['symbols'] {
  if (symbols === undefined || !passes(() => requireList(symbols, 'Terms by symbol'), aside)) return undefined;
  const good = symbols.filter((symbol) => passes(() => readSymbolTerms(symbol), aside));
  return good.length === symbols.length ? symbols : good;
}

function allowPermissions(permissions: AccountTerms['permissions']): void {
  if (permissions === undefined) return;
  requireObject(permissions, 'Permissions of the account');
  requireFlag(permissions.trade, 'Permission to trade');
  if (permissions.withdraw !== undefined) requireFlag(permissions.withdraw, 'Permission to withdraw');
}

function readSymbolTerms(terms: SymbolTerms): void {
  requireObject(terms, 'Terms of a symbol');
  const { symbol, leverage, marginMode } = terms;
  requireText(symbol, 'Symbol of account terms');
  if (leverage !== undefined) requireAbove(leverage, `Leverage of ${symbol}`);
  allowOneOf(marginMode, MARGIN_MODES, `Margin mode of ${symbol}`);
}
