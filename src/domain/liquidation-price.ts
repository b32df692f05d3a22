import { Decimal } from './decimal.js';
import type { Instrument } from './instrument.js';
import { lots, type Lots, type Units } from './units.js';

const ONE = new Decimal(1);
const ZERO = new Decimal(0);

/** A position as its liquidation sees it: signed lots, and what was put into them (`Instrument.value`). */
export interface OpenLots {
  readonly lots: Lots;
  readonly cost: Units;
}

/**
 * Mark at which the margin balance falls to maintenance margin; undefined when no positive price would do it. `wallet`
 * is what may be lost besides the positions' own profit: the isolated wallet, or under cross margin the wallet balance
 * with the profit of all other instruments and without their maintenance margin. `open` is one position, or the long
 * and the short one of a hedged account on one wallet.
 *
 * Linear: `(WB + Σ cum - Σ side·|q|·EP) / Σ |q|·(MMR - side)`. Inverse, with Q = |q| × multiplier in quote currency: `Σ
 * Q·(MMR + side) / (WB + Σ cum + Σ side·Q/EP)`. Rates and cums are those of the brackets that hold at that very price.
 * Source: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts" and its COIN-M counterpart.
 */
export function liquidationPriceOf(
  instrument: Instrument,
  wallet: Decimal,
  open: readonly OpenLots[],
): Decimal | undefined {
  const base = open.reduce((sum, { cost }) => sum.minus(instrument.money(cost)), wallet);
  return inBrackets(instrument, open, 0, base, ZERO, []);
}

/** Tries every bracket for every position, and keeps the price at which all of them are in theirs. */
function inBrackets(
  instrument: Instrument,
  open: readonly OpenLots[],
  depth: number,
  balance: Decimal,
  weight: Decimal,
  chosen: readonly number[],
): Decimal | undefined {
  const { spec, margin } = instrument;
  const position = open[depth];
  const inverse = spec.contract === 'inverse';
  if (position === undefined) {
    const price = inverse ? weight.div(balance) : balance.div(weight);
    const holds =
      price.isFinite() &&
      price.gt(0) &&
      open.every((each, index) => isIn(instrument, chosen[index] ?? 0, notionalOf(instrument, each, price)));
    return holds ? price : undefined;
  }
  const side = position.lots > 0 ? 1 : -1;
  const amount = amountOf(instrument, position);
  for (let index = 0; index < margin.size; index += 1) {
    const rate = spec.tiers?.[index]?.rate ?? spec.maintenanceRate;
    const more = amount.times(inverse ? rate.plus(side) : rate.minus(side));
    const found = inBrackets(
      instrument,
      open,
      depth + 1,
      balance.plus(instrument.money(margin.cumIn(index))),
      weight.plus(more),
      [...chosen, index],
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

const amountOf = (instrument: Instrument, { lots: size }: OpenLots): Decimal =>
  instrument.size(lots(Math.abs(size))).times(instrument.spec.multiplier ?? ONE);

function notionalOf(instrument: Instrument, position: OpenLots, price: Decimal): Decimal {
  const amount = amountOf(instrument, position);
  return instrument.spec.contract === 'inverse' ? amount.div(price) : amount.times(price);
}

function isIn(instrument: Instrument, index: number, notional: Decimal): boolean {
  const tier = instrument.spec.tiers?.[index];
  return (
    tier === undefined || (notional.gte(tier.floor) && (notional.lte(tier.cap) || index === instrument.margin.size - 1))
  );
}
