import type { Instrument } from '../../../domain/instrument.js';
import { RATE_SCALE } from '../../../domain/instrument.js';
import { lots, marks, ticks, units, type Lots, type MarkUnits, type Ticks } from '../../../domain/units.js';
import type { RandomStream } from '../../../ports/configuration/random.js';

/**
 * Drift in basis points a second, volatility in basis points a root second, pull to the regime's first price a second.
 */
interface Regime {
  readonly drift: number;
  readonly sigma: number;
  readonly pull: number;
}
const REGIMES: readonly Regime[] = [
  { drift: 0.15, sigma: 1.5, pull: 0 },
  { drift: -0.15, sigma: 1.5, pull: 0 },
  { drift: 0, sigma: 1.1, pull: 0.02 },
  { drift: 0, sigma: 3.5, pull: 0 },
];
const REGIME_MEAN_S = 240;
const JUMPS_PER_S = 1 / 1800;
const JUMP_BPS = 20;
/** Keeps months of a made-up market near the price it began at, slowly. */
const HOME_PULL_PER_S = 2e-5;
const VOLATILITY_MEMORY_S = 30;
const MARK_MEMORY_S = 2;
const INDEX_MEMORY_S = 60;
const PREMIUM_MEMORY_S = 3600;
const SPREAD_BPS = 0.4;
const SPREAD_PER_SIGMA = 0.25;
/** Shown on each side, in settlement units, while the market is calm. */
const SHOWN_VALUE = 600_000e8;
const TRADES_PER_STEP = 0.7;
const LOWEST_PRICE_TICKS = 10;
const BASE_RATE_8H = 0.0001;
const RATE_BAND_8H = 0.0005;
const RATE_CAP_8H = 0.0075;
const BPS = 1e4;

/** What the next instant looks like. One object per market, reused: copy what you keep. */
export interface MarketStep {
  bid: Ticks;
  bidLots: Lots;
  ask: Ticks;
  askLots: Lots;
  mark: MarkUnits;
  index: MarkUnits;
  /** For one funding interval, an integer of RATE_SCALE. */
  fundingRate: number;
  traded: boolean;
  tradePrice: Ticks;
  tradeLots: Lots;
}

/**
 * One made-up market: a random walk whose drift and volatility switch between regimes, with jumps; a spread that widens
 * and sizes that thin out with volatility; a mark that smooths the mid, an index that lags it, and a funding rate that
 * follows the premium (Binance: `premium + clamp(interest - premium, ±0.05 %)`, here per interval from an 8 h base).
 * Prices here are signals; what leaves is whole ticks. Uses no function whose last digit differs between engines.
 */
export class MarketModel {
  private readonly view: MarketStep = {
    bid: ticks(0),
    bidLots: lots(0),
    ask: ticks(0),
    askLots: lots(0),
    mark: marks(0),
    index: marks(0),
    fundingRate: 0,
    traded: false,
    tradePrice: ticks(0),
    tradeLots: lots(0),
  };
  private price: number;
  private home: number;
  private centre: number;
  private regime = 2;
  private secondsLeft = 0;
  private variance = REGIMES[2]?.sigma ?? 1;
  private mark: number;
  private index: number;
  private premium = 0;

  constructor(
    readonly instrument: Instrument,
    private readonly random: RandomStream,
    start: Ticks,
  ) {
    this.price = this.home = this.centre = this.mark = this.index = start;
  }

  /** Middle of the market, in ticks, not rounded. */
  get mid(): number {
    return this.price;
  }

  step(seconds: number): MarketStep {
    this.chooseRegime(seconds);
    const moved = this.move(seconds);
    this.variance += (moved ** 2 / seconds - this.variance) * Math.min(1, seconds / VOLATILITY_MEMORY_S);
    const sigma = Math.sqrt(this.variance);
    this.mark += (this.price - this.mark) * Math.min(1, seconds / MARK_MEMORY_S);
    this.index += (this.price - this.index) * Math.min(1, seconds / INDEX_MEMORY_S);
    this.premium += ((this.mark - this.index) / this.index - this.premium) * Math.min(1, seconds / PREMIUM_MEMORY_S);
    this.show(sigma);
    this.trade();
    return this.view;
  }

  state(): readonly (readonly number[])[] {
    return [
      this.random.state(),
      [
        this.price,
        this.home,
        this.centre,
        this.regime,
        this.secondsLeft,
        this.variance,
        this.mark,
        this.index,
        this.premium,
      ],
    ];
  }

  restore([random = [], numbers = []]: readonly (readonly number[])[]): void {
    this.random.restore(random);
    [
      this.price,
      this.home,
      this.centre,
      this.regime,
      this.secondsLeft,
      this.variance,
      this.mark,
      this.index,
      this.premium,
    ] = numbers as [number, number, number, number, number, number, number, number, number];
  }

  private chooseRegime(seconds: number): void {
    this.secondsLeft -= seconds;
    if (this.secondsLeft > 0) return;
    this.regime = Math.floor(this.random.next() * REGIMES.length);
    this.secondsLeft = -Math.log(1 - this.random.next()) * REGIME_MEAN_S;
    this.centre = this.price;
  }

  /** Moves the price and returns by how many basis points. */
  private move(seconds: number): number {
    const { drift, sigma, pull } = REGIMES[this.regime] as Regime;
    const towards = (goal: number): number => ((goal - this.price) / this.price) * BPS;
    let bps = drift * seconds + sigma * Math.sqrt(seconds) * this.random.normal();
    bps +=
      towards(this.centre) * Math.min(1, pull * seconds) + towards(this.home) * Math.min(1, HOME_PULL_PER_S * seconds);
    if (this.random.next() < JUMPS_PER_S * seconds) bps += JUMP_BPS * this.random.normal();
    this.price = Math.max(LOWEST_PRICE_TICKS, this.price * (1 + bps / BPS));
    return bps;
  }

  private show(sigma: number): void {
    const { view, instrument } = this;
    const half = (SPREAD_BPS + SPREAD_PER_SIGMA * sigma) / BPS;
    view.bid = ticks(Math.floor(this.price * (1 - half)));
    view.ask = ticks(Math.max(view.bid + 1, Math.ceil(this.price * (1 + half))));
    view.mark = marks(Math.round(this.mark * instrument.marksPerTick));
    view.index = marks(Math.round(this.index * instrument.marksPerTick));
    view.bidLots = this.size(sigma);
    view.askLots = this.size(sigma);
    const rate = this.premium + clamp(BASE_RATE_8H - this.premium, RATE_BAND_8H);
    view.fundingRate = Math.round(((clamp(rate, RATE_CAP_8H) * instrument.spec.fundingIntervalHours) / 8) * RATE_SCALE);
  }

  private size(sigma: number): Lots {
    const value = (SHOWN_VALUE / (1 + sigma / 4)) * (0.4 + 1.2 * this.random.next() ** 2);
    return lots(Math.max(1, this.instrument.lotsFor(units(value), this.view.mark)));
  }

  private trade(): void {
    const { view, random } = this;
    view.traded = random.next() < TRADES_PER_STEP;
    if (!view.traded) return;
    const bought = random.next() < 0.5;
    view.tradePrice = bought ? view.ask : view.bid;
    view.tradeLots = lots(Math.max(1, Math.floor((bought ? view.askLots : view.bidLots) * 0.3 * random.next())));
  }
}

const clamp = (value: number, band: number): number => Math.max(-band, Math.min(band, value));
