import { Decimal, ONE } from '../../domain/decimal.js';
import type { Instrument, MoneyUnit } from '../../domain/instrument.js';
import type { Units } from '../../domain/units.js';
import { MINUTE_MS } from '../../domain/time-spans.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { RiskSettings } from '../../ports/configuration/settings/risk-settings.js';
import { PPM, PPM_PER_BPS, ppmOf } from './parts-per-million.js';

const MINUTES_A_DAY = 1_440;

/** The limits of one symbol in integers. Caps and rates by time of day: index 0 is night, 1 is day. */
export interface SymbolLimits {
  readonly isSpot: boolean;
  /** Effective leverage caps, in parts per million. */
  readonly caps: readonly [number, number];
  /** Effective maintenance rates, in parts per million. */
  readonly maintenance: readonly [number, number];
  readonly takerFee: number;
  readonly maxNotional: Units;
  readonly maxOrderLots: number;
}

/** The risk section of one configuration in integers, so that a check costs no decimal arithmetic. */
export class RiskLimits {
  readonly risk: RiskSettings;
  readonly maxLeverage: number;
  readonly minBuffer: number;
  readonly maxExposure: number;
  readonly maxPositionShare: number;
  readonly maxPosition: Units;
  readonly maxOrderNotional: Units;
  readonly maxGross: Units;
  readonly maxNet: Units;
  readonly collar: number;
  /** How far what gives nothing away, and a trigger, may stand from the mark, in parts per million. */
  readonly passiveBand: number;
  readonly slippage: number;
  /** Highest expected funding, in basis points of an order's value. Infinity where there is no limit. */
  readonly fundingCost: number;
  /** Infinity where there is no limit. */
  readonly dailyLoss: Units;
  readonly drawdown: number;
  private readonly symbols = new Map<string, { readonly instrument: Instrument; readonly limits: SymbolLimits }>();

  constructor(
    private readonly config: BotConfig,
    readonly unit: MoneyUnit,
  ) {
    const { risk } = config;
    this.risk = risk;
    this.maxLeverage = ppmOf(risk.maxLeverage, 'floor');
    this.minBuffer = ppmOf(risk.minLiquidationBuffer, 'ceil');
    this.maxExposure = ppmOf(risk.maxExposurePct, 'floor');
    this.maxPositionShare = ppmOf(risk.maxPositionPctPerSymbol, 'floor');
    this.maxPosition = unit.limit(risk.maxPositionSize);
    this.maxOrderNotional = unit.limit(risk.maxOrderNotional);
    this.maxGross = unit.limit(risk.maxGrossNotional);
    this.maxNet = unit.limit(risk.maxNetNotional);
    this.collar = risk.priceCollarBps.times(PPM_PER_BPS).toNumber();
    this.passiveBand = ppmOf(risk.passiveBand, 'floor');
    this.slippage = risk.slippageGuardBps.times(PPM_PER_BPS).toNumber();
    this.fundingCost = risk.maxFundingCostBps?.toNumber() ?? Infinity;
    this.dailyLoss = unit.limit(risk.dailyLossLimit);
    this.drawdown = risk.maxDrawdown === undefined ? Infinity : ppmOf(risk.maxDrawdown, 'floor');
  }

  /** Extra expected slippage of a symbol, as a factor of at least 1. */
  slippageFactor(symbol: string): Decimal {
    const factor = this.config.execution.slippageMultipliers[symbol];
    return factor === undefined ? ONE : Decimal.max(ONE, factor);
  }

  of(instrument: Instrument): SymbolLimits {
    const known = this.symbols.get(instrument.symbol);
    if (known?.instrument === instrument) return known.limits;
    const limits = this.compile(instrument);
    this.symbols.set(instrument.symbol, { instrument, limits });
    return limits;
  }

  /** Leverage cap in force at `now`, in parts per million. */
  capAt(limits: SymbolLimits, now: number): number {
    return limits.caps[this.isDay(now) ? 1 : 0];
  }

  /** Maintenance rate in force at `now`, in parts per million. */
  maintenanceAt(limits: SymbolLimits, now: number): number {
    return limits.maintenance[this.isDay(now) ? 1 : 0];
  }

  /** The day is [start, end) in UTC and may pass midnight; a window of no length is never open. */
  private isDay(now: number): boolean {
    const { daytime } = this.risk;
    if (daytime === undefined) return false;
    const minute = Math.floor(now / MINUTE_MS) % MINUTES_A_DAY;
    const { startMinute, endMinute } = daytime;
    return startMinute <= endMinute
      ? minute >= startMinute && minute < endMinute
      : minute >= startMinute || minute < endMinute;
  }

  private compile(instrument: Instrument): SymbolLimits {
    const { symbol, spec } = instrument;
    const { risk } = this;
    const isSpot = spec.kind === 'spot' || !this.config.derivatives;
    const scheduled = risk.daytime !== undefined;
    const cap = (table: Readonly<Record<string, Decimal>>): number =>
      Math.min(
        this.maxLeverage,
        ppmOf(spec.maxLeverage, 'floor'),
        optional(risk.leverageMaxPerSymbol[symbol]),
        scheduled ? optional(table[symbol]) : Infinity,
        isSpot ? PPM : Infinity,
      );
    const rate = (table: Readonly<Record<string, Decimal>>): number => {
      const own = Math.max(
        ppmOf(spec.maintenanceRate, 'ceil'),
        scheduled && table[symbol] !== undefined ? ppmOf(table[symbol], 'ceil') : 0,
      );
      return own > 0 ? own : ppmOf(risk.defaultMaintenanceRate, 'ceil');
    };
    const orderSize = risk.maxOrderSize[symbol];
    return {
      isSpot,
      caps: [cap(risk.nightLeverageMaxPerSymbol), cap(risk.dayLeverageMaxPerSymbol)],
      maintenance: [rate(risk.nightMaintenancePerSymbol), rate(risk.dayMaintenancePerSymbol)],
      takerFee: Math.max(0, ppmOf(spec.takerFee, 'ceil')),
      maxNotional: this.unit.limit(risk.maxNotionalPerSymbol[symbol]),
      maxOrderLots: Math.min(
        instrument.maxLots,
        orderSize === undefined ? Infinity : orderSize.div(spec.step).floor().toNumber(),
      ),
    };
  }
}

/** Limits of the configuration in force, converted once per configuration. */
export class LimitBook {
  private source: BotConfig | undefined;
  private limits: RiskLimits | undefined;

  constructor(
    private readonly config: ConfigController,
    /** The account whose money the limits are counted in: its unit is known before anything is traded. */
    private readonly account: { readonly unit: MoneyUnit },
  ) {}

  get current(): RiskLimits {
    const { current } = this.config;
    if (this.limits === undefined || this.source !== current) {
      this.limits = new RiskLimits(current, this.account.unit);
      this.source = current;
    }
    return this.limits;
  }
}

const optional = (fraction: Decimal | undefined): number =>
  fraction === undefined ? Infinity : ppmOf(fraction, 'floor');
