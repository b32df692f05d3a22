import { injectable } from 'inversify';
import type { Candle } from '../../../domain/market.js';
import { inject } from '../../../injection/inject.js';
import { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import { PublicMarket } from '../../../ports/venue/public-market.js';
import { SimulatedBrokerage } from './simulated-brokerage.js';
import { SimulatedVenue } from './venue.js';

/** The exchange inside on a real venue's market: its clock and the market's past are that venue's. */
@injectable()
export class PublicMarketBrokerage extends SimulatedBrokerage {
  constructor(
    @inject(SimulatedVenue) venue: SimulatedVenue,
    @inject(ConfigController) config: ConfigController,
    @inject(PublicMarket) private readonly market: PublicMarket,
  ) {
    super(venue, config);
  }

  override getServerTime(): Promise<number> {
    return this.market.getServerTime();
  }

  override getCandles(symbol: string, intervalMs: number, limit: number): Promise<readonly Candle[]> {
    return this.market.getCandles(symbol, intervalMs, limit);
  }
}
