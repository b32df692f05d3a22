import { token } from '../../injection/token.js';
import type { Instruments } from './instruments.js';
import type { MarketFeed } from './market-feed.js';

/** A venue's public side: what it trades, and how its market moves. Nobody is known there, and nothing is ordered. */
export interface PublicMarket extends MarketFeed, Instruments {
  /** Name of the venue, as records and messages spell it. */
  readonly venue: string;
  readonly environment: 'live' | 'testnet';
  /** How many messages of its streams were of a type that is not known here, and were passed over. */
  readonly unknownEvents?: ReadonlyMap<string, number>;
  getServerTime(): Promise<number>;
  /** Lets go of its connections. */
  close(): void;
}
export const PublicMarket = token<PublicMarket>('PublicMarket');
