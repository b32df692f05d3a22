import { rowsOf, WireFields } from '../../../connect/wire-fields.js';
import { Decimal } from '../../../domain/decimal.js';
import type { MarginTier } from '../../../domain/instrument.js';
import type { Balance, VenuePosition } from '../../../domain/market.js';
import type { MarginMode, PositionSide } from '../../../domain/order.js';
import type { SymbolTerms } from '../../../ports/venue/account-terms.js';

/** Answers about an account. Each throws VENUE-005 for one that cannot be read. */

const POSITION_SIDES: Readonly<Record<string, PositionSide | undefined>> = {
  BOTH: undefined,
  LONG: 'long',
  SHORT: 'short',
};
export const MARGIN_MODES: Readonly<Record<string, MarginMode>> = {
  CROSSED: 'cross',
  CROSS: 'cross',
  cross: 'cross',
  ISOLATED: 'isolated',
  isolated: 'isolated',
};

/** `GET /fapi/v3/balance`, with the name that the venue has for the account. */
export interface BalancesAnswer {
  readonly alias: string;
  readonly balances: readonly Balance[];
}

export function balancesAnswer(said: unknown): BalancesAnswer {
  let alias = '';
  const balances = rowsOf(said, 'Balances').map((row): Balance => {
    const asset = new WireFields(row, 'A balance').text('asset');
    const fields = new WireFields(row, `Balance of ${asset}`);
    alias = fields.text('accountAlias');
    return { asset, total: fields.decimal('balance'), available: fields.decimal('availableBalance') };
  });
  return { alias, balances };
}

/** `GET /fapi/v3/positionRisk`: it lists symbols with orders too, and those have no position. */
export const positionsAnswer = (said: unknown): readonly VenuePosition[] =>
  rowsOf(said, 'Positions')
    .map((row) => {
      const symbol = new WireFields(row, 'A position').text('symbol');
      return positionIn(new WireFields(row, `Position of ${symbol}`), symbol);
    })
    .filter(({ size }) => !size.isZero());

function positionIn(fields: WireFields, symbol: string): VenuePosition {
  const positionSide = sideIn(fields, 'positionSide');
  const size = fields.decimal('positionAmt');
  const mark = above(fields, 'markPrice');
  const liquidation = above(fields, 'liquidationPrice');
  const wallet = fields.allowDecimal('isolatedWallet');
  const maintenance = fields.allowDecimal('maintMargin');
  const isIsolated = wallet?.isZero() === false;
  return {
    symbol,
    size,
    entryPrice: fields.decimal('entryPrice'),
    ...(mark && { markPrice: mark }),
    ...(liquidation && { liquidationPrice: liquidation }),
    ...(wallet === undefined ? {} : { marginMode: isIsolated ? 'isolated' : 'cross' }),
    ...(isIsolated ? { isolatedMargin: wallet } : {}),
    ...(maintenance === undefined ? {} : { maintenanceMargin: maintenance }),
    // The venue counts from 0 (last) to 4 (next).
    ...(fields.has('adl') ? { adlQuantile: fields.whole('adl') + 1 } : {}),
    ...(positionSide === undefined ? {} : { positionSide }),
  };
}

export const sideIn = (fields: WireFields, name: string): PositionSide | undefined =>
  fields.meaning(name, POSITION_SIDES);

function above(fields: WireFields, name: string): Decimal | undefined {
  const value = fields.allowDecimal(name);
  return value?.gt(0) === true ? value : undefined;
}

/** `GET /fapi/v1/symbolConfig`: of every symbol, or of one. */
export const symbolTermsAnswer = (said: unknown): readonly SymbolTerms[] =>
  rowsOf(said, 'Terms of the symbols').map((row) => {
    const symbol = new WireFields(row, 'Terms of a symbol').text('symbol');
    const fields = new WireFields(row, `Terms of ${symbol}`);
    return {
      symbol,
      leverage: new Decimal(fields.count('leverage')),
      marginMode: fields.meaning('marginType', MARGIN_MODES),
    };
  });

/** `GET /fapi/v1/leverageBracket`: steps of margin by symbol. The venue writes them as numbers. */
export function bracketsAnswer(said: unknown): ReadonlyMap<string, readonly MarginTier[]> {
  return new Map(
    rowsOf(said, 'Brackets').map((row) => {
      const symbol = new WireFields(row, 'Brackets').text('symbol');
      const fields = new WireFields(row, `Brackets of ${symbol}`);
      return [
        symbol,
        fields.list('brackets').map((bracket) => tierIn(new WireFields(bracket, `A bracket of ${symbol}`))),
      ];
    }),
  );
}

function tierIn(fields: WireFields): MarginTier {
  return {
    floor: fields.number('notionalFloor'),
    cap: fields.number('notionalCap'),
    rate: fields.number('maintMarginRatio'),
    maxLeverage: fields.number('initialLeverage'),
    cum: fields.number('cum'),
  };
}

/** `GET /fapi/v1/commissionRate` of one symbol. */
export function commissionAnswer(
  said: unknown,
  symbol: string,
): { readonly makerFee: Decimal; readonly takerFee: Decimal } {
  const fields = new WireFields(said, `Fees of ${symbol}`);
  fields.is('symbol', symbol);
  return { makerFee: fields.decimal('makerCommissionRate'), takerFee: fields.decimal('takerCommissionRate') };
}
