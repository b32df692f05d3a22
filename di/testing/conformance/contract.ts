import type { InstrumentSpec } from '../../../src/domain/instrument.js';
import type { Decimal } from '../../../src/domain/decimal.js';
import type { BookLevel } from '../../../src/domain/market.js';
import type { Side } from '../../../src/domain/order.js';
import type { Clock } from '../../../src/ports/configuration/clock.js';
import type { Scheduler } from '../../../src/ports/configuration/scheduler.js';
import type { HttpClient } from '../../../src/ports/transport/http-client.js';
import type { HttpServer } from '../../../src/ports/transport/http-server.js';
import type { SocketClient } from '../../../src/ports/transport/socket-client.js';
import type { SocketServer } from '../../../src/ports/transport/socket-server.js';
import type { WireLog } from '../../../src/ports/transport/wire-log.js';
import type { Brokerage } from '../../../src/ports/venue/brokerage.js';
import type { Capabilities } from '../../../src/ports/venue/capabilities.js';
import type { Instruments } from '../../../src/ports/venue/instruments.js';
import type { MarketFeed } from '../../../src/ports/venue/market-feed.js';
import type { PublicMarket } from '../../../src/ports/venue/public-market.js';
import type { WireFault } from '../../../src/ports/venue/serving/wire-faults.js';

/** The market half of an adapter: what it trades, and how prices move. A whole `Brokerage` has it too. */
export type MarketAdapter = MarketFeed &
  Instruments &
  Partial<Pick<PublicMarket, 'environment' | 'getServerTime' | 'close'>>;

/** What an adapter is made of in a scenario: hosts, and everything outside it, on time that the suite moves. */
export interface AdapterRig {
  readonly environment: 'live' | 'testnet';
  /** Absent: the venue's own hosts of the environment. */
  readonly restUrl?: string;
  readonly streamUrl?: string;
  readonly http: HttpClient;
  readonly sockets: SocketClient;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Something a person should know. */
  readonly warn: (message: string) => void;
  /** Of the simulator's account; absent: nobody signs. */
  readonly key?: AccountKey;
}

export interface AccountKey {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** What a simulator listens by. Its clock may be another one than the adapter's. */
export interface SimulatorRig {
  readonly http: HttpServer;
  readonly sockets: SocketServer;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** To be handed on as `ListenOptions.log`: what the adapter sent is read there, and nowhere else. */
  readonly log: WireLog;
}

/** What is wrong with answers from now on: with that to the listing, or with the levels of a snapshot. */
export type AnswerFlaw = 'unknown status' | 'unknown filter' | 'missing field' | 'extra field' | 'zero level';

/** One market of the exchange inside a simulator: driven by the suite, and the oracle of what is true. */
export interface DrivenMarket {
  /** As the adapter names it. */
  readonly symbol: string;
  /** What the venue would list it as, exactly. */
  readonly spec: InstrumentSpec;
  /** Levels by price; a size of zero: it is gone. */
  update(bids: readonly BookLevel[], asks: readonly BookLevel[]): void;
  trade(price: Decimal, size: Decimal, aggressor: Side): void;
  value(mark: Decimal, index: Decimal): void;
  funding(rate: Decimal, nextAt: number): void;
  /** It is listed otherwise from now on. */
  redefine(change: Partial<InstrumentSpec>): void;
  best(side: Side): BookLevel | undefined;
}

/** An account of the exchange inside a simulator: the oracle of what became of orders. */
export interface DrivenAccount {
  readonly key: AccountKey;
  /** Signed size that is held. */
  held(symbol: string): Decimal;
  /** Client ids of the orders that are open, those that wait for a trigger too. */
  open(): readonly string[];
  /** Requests that would place an order, as they reached the server. */
  placed(): number;
}

/** How a simulator is reached, and what it does to whoever reaches it. */
export interface SimulatedWire {
  readonly restUrl: string;
  readonly streamUrl: string;
  /** Every answer and every message that it can happen to suffers these, until others are named. */
  faults(names: readonly WireFault[]): void;
  /** Of one symbol, until it is named again; undefined: nothing is wrong. */
  flaw(flaw: AnswerFlaw | undefined, symbol: string): void;
  /** The same text to every socket that is open. */
  say(text: string): void;
  /** Ends every socket as the venue does before it goes. */
  goAway(): void;
}

/** A server that speaks the venue's protocol, and the exchange inside it. */
export interface VenueSimulator {
  /** Two or more, each with a bid and an ask at least 20 ticks apart, a mark, an index and a rate. */
  readonly markets: readonly [DrivenMarket, DrivenMarket, ...DrivenMarket[]];
  /** Absent: nothing lies between the exchange and the adapter, and scenarios of what happens there are left out. */
  readonly wire?: SimulatedWire;
  /** Absent: nobody trades there, and scenarios of orders are left out. */
  readonly account?: DrivenAccount;
  close(): Promise<void>;
}

/** A venue's adapter, and what it is tested on. */
export interface ConformingVenue {
  readonly name: string;
  /** Its hosts; absent: it lies inside the process, and its simulator has no `wire`. */
  readonly production?: { readonly restUrl: string; readonly streamUrl: string };
  /** What the adapter says it can do; where it says it cannot, its refusal is asked for instead. */
  readonly knows: Pick<Capabilities, 'streams' | 'serverTime'>;
  adapter(rig: AdapterRig): MarketAdapter;
  /** The whole adapter, with an account; absent: scenarios of orders are left out. */
  trader?(rig: AdapterRig): Brokerage;
  simulator(rig: SimulatorRig): Promise<VenueSimulator>;
}

/** One scenario, for whatever runner there is: `run` rejects where the venue does not conform. */
export interface ConformanceScenario {
  /** As the list of scenarios names it. */
  readonly id: string;
  readonly title: string;
  readonly run: () => Promise<void>;
}
