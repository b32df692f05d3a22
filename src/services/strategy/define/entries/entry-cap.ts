import { Decimal } from '../../../../domain/decimal.js';
import { applyRate, rateOf } from '../../../../domain/instrument.js';
import { lots, marks, units, type Lots } from '../../../../domain/units.js';
import type { StrategySettings } from '../../../../ports/configuration/settings/strategy-settings.js';
import type { EntryLimits, StrategyContext } from '../../../../ports/core-services/strategy.js';
import type { EntryGround } from './entry-ground.js';

/** What bounds the size of every entry. */
export interface CapTerms {
  readonly settings: Pick<StrategySettings, 'maxTradeNotional'>;
  readonly leverage: number;
  readonly limits: EntryLimits | undefined;
}

/** Never above the leverage aimed at, the largest trade, and what risk lets pass; with the one that binds. */
export function capped(
  side: 'buy' | 'sell',
  { instrument, equity, mark }: Pick<StrategyContext, 'instrument' | 'equity' | 'mark'>,
  ground: Pick<EntryGround, 'reference' | 'name'>,
  { settings: { maxTradeNotional }, leverage, limits }: CapTerms,
): { readonly cap: Lots; readonly by: string } {
  let by = 'strategy.targetLeverage';
  let most: number = applyRate(equity, rateOf(new Decimal(leverage)), 'floor');
  const bind = (value: number, name: string): void => {
    if (value < most) [most, by] = [value, name];
  };
  if (limits !== undefined)
    bind(applyRate(equity, rateOf(limits.equityShare), 'floor'), limits.equityShareBy ?? 'a limit of risk');
  if (maxTradeNotional !== undefined) bind(instrument.unit.limit(maxTradeNotional), 'strategy.maxTradeNotional');
  if (limits?.notional !== undefined)
    bind(instrument.unit.limit(limits.notional), limits.notionalBy ?? 'a limit of risk');
  const cap = instrument.lotsFor(units(most), marks(Math.max(ground.reference, mark)));
  if (!instrument.isPerpetual || !(equity > 0)) return { cap, by };
  // What margin, the loss up to the order's own price and the fee leave of equity.
  const { perValue, of } = tiedUp(side, mark, ground, { leverage, limits, takerFee: instrument.spec.takerFee });
  const covered = instrument.lotsFor(units(new Decimal(equity).div(perValue).floor().toNumber()), of);
  if (covered >= cap) return { cap, by };
  return { cap: lots(covered), by: ground.name === 'mark' ? 'risk.priceCollar' : 'strategy.targetLeverage' };
}

/** What one unit of value at `of` ties up. At market the order is priced at the collar. */
function tiedUp(
  side: 'buy' | 'sell',
  mark: StrategyContext['mark'],
  { reference, name }: Pick<EntryGround, 'reference' | 'name'>,
  { leverage, limits, takerFee }: Pick<CapTerms, 'leverage' | 'limits'> & { readonly takerFee: Decimal },
): { readonly perValue: Decimal; readonly of: StrategyContext['mark'] } {
  const sign = side === 'buy' ? 1 : -1;
  const atMarket = name === 'mark' ? new Decimal(1).plus((limits?.collar ?? new Decimal(0)).times(sign)) : undefined;
  const price = atMarket ?? new Decimal(1);
  const given = atMarket === undefined ? new Decimal(reference).minus(mark).div(reference) : atMarket.minus(1);
  const loss = Decimal.max(0, given.times(sign));
  const perValue = price
    .div(leverage)
    .plus(loss)
    .plus(price.times(Decimal.max(0, takerFee)));
  return { perValue, of: name === 'mark' ? mark : reference };
}
