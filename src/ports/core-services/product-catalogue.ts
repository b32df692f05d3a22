import type { Instrument } from '../../domain/instrument.js';
import type { Product } from '../../domain/market.js';
import { token } from '../../injection/token.js';

/** Products as the venue confirms them, cached; configuration may refine them. */
export interface ProductCatalogue {
  /** Reads the venue's products. Called at start and again when it rejects an order for its filters. */
  refresh(): Promise<void>;
  /** Confirmed product, or a conservative description with `confirmed: false` (never traded). */
  getProduct(symbol: string): Product;
  /** The exact instrument; throws CFG-007 when the venue has not confirmed it. */
  instrument(symbol: string): Instrument;
  find(symbol: string): Instrument | undefined;
  instruments(): IterableIterator<Instrument>;
}
export const ProductCatalogue = token<ProductCatalogue>('ProductCatalogue');
