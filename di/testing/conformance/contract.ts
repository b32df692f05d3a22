import type { InstrumentSpec } from '../../../src/domain/instrument.js';
import type { Decimal } from '../../../src/domain/decimal.js';
import type { BookLevel } from '../../../src/domain/market.js';
import type { Fee, OrderOptions, OrderType, Side, TimeInForce, TriggerPrice } from '../../../src/domain/order.js';
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
import type { RejectReason } from '../../../src/ports/venue/submit-result.js';
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
  /** What each of these asked for, by the documents of the venue. Throws for one that they do not know. */
  asked(): readonly OrderForm[];
  /** What each trade has cost, as the venue has charged it, oldest first; signed as `Fill.fee`. */
  charged(): readonly Fee[];
  /** Money that is no result of trading: `conversion` comes in another asset than that of settlement. */
  receive(kind: 'transfer' | 'bonus' | 'conversion', amount: Decimal): void;
  /** Fees are taken in another asset than that of settlement from now on. */
  chargeElsewhere(): void;
  /** What the key may do from now on. */
  allow(permissions: { readonly trade: boolean }): void;
}

/** An order as the venue's documents read the request for it. What no such word stands for is absent. */
export interface OrderForm extends Omit<OrderOptions, 'activation' | 'after' | 'group'> {
  readonly clientId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  /** Absent: whatever is open. */
  readonly size?: Decimal;
  readonly limit?: Decimal;
  readonly stop?: Decimal;
  readonly activation?: Decimal;
  readonly triggerBy?: TriggerPrice;
  readonly timeInForce?: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
}

/** An answer to an order that a venue gives on a bad day, and what follows from it by the venue's own documents. */
export interface ScriptedAnswer {
  readonly name: string;
  readonly status: number;
  readonly body: string;
  /** The order was taken before it was said. */
  readonly isDone: boolean;
  /** Nobody has documented it. */
  readonly isNew: boolean;
  readonly means: 'unknown' | RejectReason;
}

/** How a simulator is reached, and what it does to whoever reaches it. */
export interface SimulatedWire {
  readonly restUrl: string;
  readonly streamUrl: string;
  /** Every answer and every message that it can happen to suffers these, until others are named. */
  faults(names: readonly WireFault[]): void;
  /** Of one symbol, until it is named again; undefined: nothing is wrong. */
  flaw(flaw: AnswerFlaw | undefined, symbol: string): void;
  /** What the venue may say to an order. */
  readonly answers: readonly ScriptedAnswer[];
  /** Every order is answered so from now on; undefined: as it should be. */
  answer(scripted: ScriptedAnswer | undefined): void;
  /** While it is true no order is found by whoever asks for one, whatever became of it. */
  forget(isForgetful: boolean): void;
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
