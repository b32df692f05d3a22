import type { Instrument } from '../../domain/instrument.js';
import type { Product } from '../../domain/market.js';
import type { InstrumentEvent } from '../venue/market-event.js';
import { token } from '../../injection/token.js';

/**
 * Products as the venue confirms them, cached; configuration may refine them. One that an answer does not name stays
 * known as it was, unconfirmed: it can be left, and nothing is opened in it.
 */
export interface ProductCatalogue {
  /** Reads the venue's products. Called at start and again when it rejects an order for its filters. */
  refresh(): Promise<void>;
  /**
   * What the venue's stream tells of one instrument, taken as the next answer of `refresh` would be. Absent: only
   * asking tells.
   */
  change?(event: InstrumentEvent): void;
  /** Confirmed product, or a description with `confirmed: false`: nothing is opened in it. */
  getProduct(symbol: string): Product;
  /** The exact instrument; throws CFG-007 for one that neither the venue nor the journal has described. */
  instrument(symbol: string): Instrument;
  find(symbol: string): Instrument | undefined;
  instruments(): IterableIterator<Instrument>;
  /** Configured symbols in which nothing may be opened, for want of the venue's word: asked for again. Absent: none. */
  readonly missing?: readonly string[];
}
export const ProductCatalogue = token<ProductCatalogue>('ProductCatalogue');
