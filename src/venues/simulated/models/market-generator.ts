import { injectable } from 'inversify';
import { fault } from '../../../domain/errors.js';
import type { Instrument } from '../../../domain/instrument.js';
import { inject } from '../../../injection/inject.js';
import { token } from '../../../injection/token.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { Random } from '../../../ports/configuration/random.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { CandleHistory } from './candle-history.js';
import { MarketModel, type MarketStep } from './market-model.js';

const STEPS_PER_CANDLE = 20;

/** Made-up markets, one per symbol, each from a random stream of its own: adding a symbol changes no other's market. */
export interface MarketGenerator {
  /** Begins a market at its configured price; nothing for one that has begun. Throws CFG-006 without a price. */
  ensure(instrument: Instrument): boolean;
  readonly symbols: readonly string[];
  /** The next instant of one market; the object is reused. */
  step(symbol: string, seconds: number): MarketStep;
  /** Lets a market live through `candles` intervals that end at `endAt`, and keeps them as history. */
  preRoll(symbol: string, history: CandleHistory, candles: number, endAt: number): void;
  state(): Json;
  /** Continues the markets of a saved state, to the last random number. */
  restore(state: Json, resolve: (symbol: string) => Instrument | undefined): void;
}
export const MarketGenerator = token<MarketGenerator>('MarketGenerator');

@injectable()
export class SeededMarketGenerator implements MarketGenerator {
  private readonly models = new Map<string, MarketModel>();
  symbols: readonly string[] = [];

  constructor(
    @inject(Random) private readonly random: Random,
    @inject(ConfigController) private readonly config: ConfigController,
  ) {}

  ensure(instrument: Instrument): boolean {
    const { symbol } = instrument;
    if (this.models.has(symbol)) return false;
    const { startPrices, seed } = this.config.current.simulation;
    const start = startPrices[symbol];
    if (start === undefined) {
      throw fault(
        'CFG-006',
        `simulation.start_prices must have a price for ${symbol}, a generated market needs one to begin at.`,
        { fix: `Add ${symbol} to simulation.start_prices, or take it out of symbols.` },
      );
    }
    this.models.set(
      symbol,
      new MarketModel(instrument, this.random.stream(`market/${symbol}`, seed), instrument.toTicks(start, 'nearest')),
    );
    this.symbols = [...this.models.keys()];
    return true;
  }

  step(symbol: string, seconds: number): MarketStep {
    return this.model(symbol).step(seconds);
  }

  preRoll(symbol: string, history: CandleHistory, candles: number, endAt: number): void {
    const model = this.model(symbol);
    const { intervalMs } = history;
    const scale = model.instrument.marksPerTick;
    const round = (price: number): number => Math.round(price * scale);
    for (let openAt = endAt - candles * intervalMs; openAt < endAt; openAt += intervalMs) {
      const open = model.mid;
      let high = open;
      let low = open;
      let volume = 0;
      for (let i = 0; i < STEPS_PER_CANDLE; i += 1) {
        const step = model.step(intervalMs / STEPS_PER_CANDLE / 1000);
        high = Math.max(high, model.mid);
        low = Math.min(low, model.mid);
        if (step.traded) volume += step.tradeLots;
      }
      history.append(openAt, round(open), round(high), round(low), round(model.mid), volume);
    }
  }

  state(): Json {
    return Object.fromEntries([...this.models].map(([symbol, model]) => [symbol, model.state()]));
  }

  restore(state: Json, resolve: (symbol: string) => Instrument | undefined): void {
    if (state === null || typeof state !== 'object' || Array.isArray(state))
      throw fault('STORE-001', 'State of the generated markets must be a record.');
    for (const [symbol, saved] of Object.entries(state)) {
      const instrument = resolve(symbol);
      if (instrument === undefined) continue;
      this.ensure(instrument);
      this.model(symbol).restore(saved as readonly (readonly number[])[]);
    }
  }

  private model(symbol: string): MarketModel {
    const model = this.models.get(symbol);
    if (model === undefined) throw fault('CFG-007', `The generated market of ${symbol} must have begun.`);
    return model;
  }
}
