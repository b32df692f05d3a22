import type { DataKind } from '../data/columns.js';

/** One table of bars, and one of funding rates beside it. */
export interface FileMarket {
  readonly from: 'file';
  readonly data: string;
  readonly funding?: string;
  /** As the file spells it; absent: the only one it holds. */
  readonly symbol?: string;
  /** Length of its bars, where neither name nor rows tell it; without bars, the bot's cycle. */
  readonly intervalMs?: number;
  /** Where the clocks stood that wrote times without their distance from UTC; absent: UTC. */
  readonly zone?: string;
}

/** Series of a catalog. */
export interface CatalogMarket {
  readonly from: 'catalog';
  readonly catalog: string;
  /** In capitals; none: the only one it holds. */
  readonly symbols: readonly string[];
  readonly kinds: readonly DataKind[];
  /** Which bars; without bars, the bot's cycle. */
  readonly intervalMs?: number;
  /** Epoch milliseconds: the first instant, and the first that is not included any more. */
  readonly since?: number;
  readonly until?: number;
}

export type MarketRequest = FileMarket | CatalogMarket;
