import type { Decimal } from '../../../domain/decimal.js';
import { ONE } from '../../../domain/decimal.js';
import type { SizeBasis, SizeCut } from '../../../domain/decision.js';
import { fault } from '../../../domain/errors.js';
import { applyRate, rateOf, type Instrument, type MoneyUnit } from '../../../domain/instrument.js';
import { units, type Units } from '../../../domain/units.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';

/**
 * Value of one entry: equity x fraction, times the leverage for perpetuals, and only then capped. Rounded down once,
 * at the end. The settings' leverage is already 1 where derivatives are off.
 */
export class EntrySize {
  private readonly fraction: Decimal;
  private readonly leveraged: number;
  private readonly plainRate: number;
  private readonly leveragedRate: number;
  private readonly leverageField: number;
  private readonly most: Decimal | undefined;
  /** The largest trade in the account's unit: every entry asks. */
  private unit: MoneyUnit | undefined = undefined;
  private cap: Units = units(0);

  constructor(settings: Pick<StrategySettings, 'positionFraction' | 'targetLeverage' | 'maxTradeNotional'>) {
    const { positionFraction, maxTradeNotional, targetLeverage } = settings;
    if (!positionFraction.gt(0))
      throw fault('CFG-002', `strategy.positionFraction must be greater than 0, was ${positionFraction.toString()}.`);
    const leverage = atLeastOne(targetLeverage);
    this.fraction = positionFraction;
    this.leveraged = leverage.toNumber();
    this.plainRate = rateOf(positionFraction);
    this.leveragedRate = rateOf(leverage.times(positionFraction));
    this.leverageField = leverage.floor().toNumber();
    this.most = maxTradeNotional;
  }

  notional(instrument: Instrument, equity: Units): Units {
    return units(Math.min(this.wanted(instrument, equity), this.capIn(instrument.unit)));
  }

  /** What the largest trade has taken from it; undefined where nothing. */
  cut(instrument: Instrument, equity: Units): SizeCut | undefined {
    const wanted = this.wanted(instrument, equity);
    const cap = this.capIn(instrument.unit);
    if (!(cap < wanted)) return undefined;
    const [meant, left] = [instrument.moneyText(wanted), instrument.moneyText(cap)];
    return { limit: 'strategy.maxTradeNotional', detail: `wanted ${meant} ${instrument.spec.settle}, left ${left}` };
  }

  /** What `notional` is computed from. */
  basis({ isPerpetual }: Instrument, equity: Units): SizeBasis {
    return { equity, fraction: this.fraction, leverage: isPerpetual ? this.leveraged : 1 };
  }

  /** What the order asks for: whole multiples, for perpetuals only. */
  leverage(instrument: Instrument): number | undefined {
    return instrument.isPerpetual ? this.leverageField : undefined;
  }

  private wanted(instrument: Instrument, equity: Units): Units {
    return applyRate(equity, instrument.isPerpetual ? this.leveragedRate : this.plainRate, 'floor');
  }

  private capIn(unit: MoneyUnit): Units {
    if (unit !== this.unit) {
      this.unit = unit;
      this.cap = unit.limit(this.most);
    }
    return this.cap;
  }
}

function atLeastOne(leverage: number): Decimal {
  return leverage > 1 ? ONE.times(leverage) : ONE;
}
