import { Decimal } from '#src/domain/decimal.js';
import { PerpsBotError } from '#src/domain/errors.js';
import {
  Instrument,
  MoneyUnit,
  type ContractKind,
  type InstrumentSpec,
  type MarginTier,
} from '#src/domain/instrument.js';
import { OrderRequest, type Side } from '#src/domain/order.js';
import { lots, marks, ticks } from '#src/domain/units.js';
import { totalEquity } from '#src/venues/simulated/core/margin.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import type { VenueAccount } from '#src/venues/simulated/brokerage/venue.js';
import { FakeConfigController, testConfig } from './config.js';
import { instrumentSpec } from '#src/testing/instruments.js';

const d = (value: string | number): Decimal => new Decimal(value);
const T0 = Date.UTC(2024, 0, 2);
const MINUTE = 60_000;

/** Small, fast and the same everywhere: mulberry32 (T. Ettinger, public domain). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What one sequence has met: a run that meets none of it proves nothing. */
export interface Seen {
  fills: number;
  liquidations: number;
  deleveragings: number;
  fundings: number;
}

/** One account, as a step is compared with it. */
interface State {
  readonly fills: number;
  readonly equity: number;
  readonly cash: number;
  readonly isolated: boolean;
}

const SYMBOLS = ['A-PERP', 'B-PERP'] as const;
const VENUES = ['one', 'two'] as const;
/** Half of the accounts count coarsely: every value is then rounded. */
const UNITS = [8, 5, 8, 3].map((digits) => new MoneyUnit(digits));
/** Instruments are the same for every sequence of a kind: made once. */
const MADE = new Map<string, readonly Instrument[]>();
const { simulation: SIMULATION } = testConfig();

const SPECS: Readonly<Record<ContractKind, Partial<InstrumentSpec>>> = {
  linear: { tick: d('0.1'), step: d('0.001') },
  inverse: {
    contract: 'inverse',
    base: 'BTC',
    quote: 'USD',
    settle: 'BTC',
    tick: d('0.5'),
    step: d(1),
    minSize: d(1),
    multiplier: d(10),
  },
  quanto: {
    contract: 'quanto',
    base: 'ETH',
    quote: 'USD',
    settle: 'XBT',
    tick: d('0.05'),
    step: d(1),
    minSize: d(1),
    multiplier: d('0.000001'),
  },
};
/** Lots of an order and equity of the account, such that a few orders are a lot. */
const SCALE: Readonly<
  Record<ContractKind, { readonly size: number; readonly equity: string; readonly bracket: number }>
> = {
  linear: { size: 900, equity: '900', bracket: 2_000 },
  inverse: { size: 900, equity: '0.8', bracket: 1 },
  quanto: { size: 90_000, equity: '60', bracket: 100 },
};

const brackets = (first: number): readonly MarginTier[] => [
  { floor: d(0), cap: d(first), rate: d('0.005'), maxLeverage: d(100), cum: d(0) },
  { floor: d(first), cap: d(first * 3), rate: d('0.02'), maxLeverage: d(20), cum: d(first).times('0.015') },
  { floor: d(first * 3), cap: d(first * 1_000), rate: d('0.1'), maxLeverage: d(5), cum: d(first).times('0.255') },
];

/** One account over a random market, checked to the unit after every step. Equal seeds give equal sequences. */
export class Sequence {
  readonly venue: DeterministicExchange;
  readonly seen: Seen = { fills: 0, liquidations: 0, deleveragings: 0, fundings: 0 };
  private readonly next: () => number;
  private readonly kind: ContractKind;
  private readonly hedged: boolean;
  private readonly instruments: readonly Instrument[];
  private readonly prices: number[];
  private now = T0;
  private sent = 0;

  constructor(seed: number) {
    this.next = random(seed);
    this.kind = this.pick(['linear', 'inverse', 'quanto'] as const);
    this.hedged = this.chance(0.4);
    const unit = UNITS[Math.abs(seed) % UNITS.length] as MoneyUnit;
    this.instruments = instrumentsOf(unit, this.kind, this.chance(0.6), this.chance(0.3));
    const specs = this.instruments.map(({ spec }) => spec);
    const several = specs[0]?.venue !== undefined;
    const equity = d(SCALE[this.kind].equity);
    const margin = {
      ...SIMULATION.margin,
      mode: this.pick(['cross', 'isolated'] as const),
      positionMode: this.hedged ? ('hedge' as const) : ('one_way' as const),
      liquidationFee: d(this.pick(['0', '0.0125'])),
      insuranceFund: d(this.pick(['0', '0.01', '100000'])),
      autoDeleveraging: this.chance(0.7),
    };
    const venues = several ? { one: { equity }, two: { equity: equity.times(this.pick([1, 3])) } } : {};
    this.venue = new DeterministicExchange(
      new FakeConfigController(
        testConfig({
          symbols: specs.map(({ symbol }) => symbol),
          instruments: Object.fromEntries(specs.map((spec) => [spec.symbol, spec])),
          simulation: { equity, margin, venues },
        }),
      ),
      new NoExchangeStore(),
      undefined,
      { unit },
    );
    this.venue.open();
    this.prices = specs.map(() => 20_000);
    specs.forEach((_spec, index) => this.quote(index));
  }

  /** Throws what was found wrong. */
  run(steps: number): Seen {
    for (let step = 0; step < steps; step += 1) {
      const before = this.venue.accounts.map(stateOf);
      this.step();
      this.venue.assertConsistent();
      this.venue.accounts.forEach((account, index) => this.check(account, before[index] ?? stateOf(account)));
    }
    this.seen.fundings = this.venue.fundings.length;
    return this.seen;
  }

  private check(venue: VenueAccount, before: State): void {
    const { seen } = this;
    const state = stateOf(venue);
    let liquidated = false;
    let fees = 0;
    for (const fill of venue.account.fills.slice(before.fills)) {
      seen.fills += 1;
      if (fill.cause === 'liquidation') seen.liquidations += 1;
      if (fill.cause === 'adl') seen.deleveragings += 1;
      liquidated ||= fill.cause === 'liquidation';
      if (fill.cause === undefined) fees += fill.fee;
    }
    if (before.isolated && state.isolated && state.cash < Math.min(0, before.cash) + Math.min(0, fees)) {
      throw new Error(
        `Isolated positions must lose their margin at most, cash was ${before.cash} and is ${state.cash}.`,
      );
    }
    if (liquidated && state.equity < 0)
      throw new Error(`Equity must not be negative after a liquidation, was ${state.equity}.`);
  }

  private step(): void {
    const roll = this.next();
    const index = this.chance(0.7) ? 0 : 1;
    if (roll < 0.3) this.quote(index);
    else if (roll < 0.42) this.bar(index);
    else if (roll < 0.47) this.mark(index);
    else if (roll < 0.5) this.trade(index);
    else if (roll < 0.82) this.order(index);
    else if (roll < 0.88) this.pay(index);
    else if (roll < 0.92) this.terms(index);
    else if (roll < 0.96)
      this.venue.cancel({ clientId: `o${Math.ceil(this.next() * this.sent)}`, symbol: this.symbol(index) });
    else
      this.venue.deleverage(
        this.symbol(index),
        this.side(),
        lots(1 + Math.floor(this.next() * SCALE[this.kind].size)),
        ticks(this.prices[index] ?? 1),
        this.now,
      );
  }

  /** Mostly small steps; sometimes far enough to pass a bankruptcy price at once. */
  private move(index: number): number {
    const far = this.chance(0.08) ? 0.5 : 0.02;
    const price = Math.max(200, Math.round((this.prices[index] ?? 1) * (1 + (this.next() * 2 - 1) * far)));
    this.prices[index] = price;
    return price;
  }

  private quote(index: number): void {
    this.now += 250;
    const bid = this.move(index);
    const shown = (): number => Math.floor(this.next() * SCALE[this.kind].size * (this.chance(0.3) ? 0.2 : 5));
    this.venue.quote(
      this.symbol(index),
      ticks(bid),
      lots(shown()),
      ticks(bid + 1 + Math.floor(this.next() * 10)),
      lots(shown()),
      this.now,
    );
  }

  private bar(index: number): void {
    const open = this.prices[index] ?? 1;
    const [a, b, close] = [this.move(index), this.move(index), this.move(index)];
    const openAt = this.now;
    this.now += MINUTE;
    this.venue.bar(this.symbol(index), {
      openAt,
      closeAt: this.now,
      open: ticks(open),
      high: ticks(Math.max(open, a, b, close)),
      low: ticks(Math.min(open, a, b, close)),
      close: ticks(close),
      volume: 1_000,
    });
  }

  private mark(index: number): void {
    const { marksPerTick } = this.instruments[index] as Instrument;
    this.venue.mark(this.symbol(index), marks(this.move(index) * marksPerTick), this.now);
  }

  private trade(index: number): void {
    this.now += 10;
    this.venue.trade(this.symbol(index), ticks(this.move(index)), lots(1 + Math.floor(this.next() * 500)), this.now);
  }

  private order(index: number): void {
    this.sent += 1;
    const side = this.side();
    const limit = this.chance(0.4);
    const positionSide = this.pick(['long', 'short'] as const);
    this.venue.submit(
      new OrderRequest({
        clientId: `o${this.sent}`,
        instrument: this.instruments[index] as Instrument,
        side,
        type: limit ? 'limit' : 'market',
        ...(limit
          ? { limit: ticks(Math.max(1, Math.round((this.prices[index] ?? 1) * (0.98 + this.next() * 0.04)))) }
          : {}),
        lots: lots(1 + Math.floor(this.next() * SCALE[this.kind].size)),
        timeInForce: 'GTC',
        postOnly: false,
        reduceOnly: !this.hedged && this.chance(0.15),
        leverage: this.pick([1, 3, 5, 10, 20, 50, 100]),
        ...(this.hedged ? { options: { positionSide } } : {}),
      }),
    );
  }

  private pay(index: number): void {
    this.venue.setFundingRate(this.symbol(index), Math.round((this.next() * 2 - 1) * 1e10));
    this.now += 40 * MINUTE;
    this.venue.advance(this.now);
  }

  /** Refusals are part of the game. */
  private terms(index: number): void {
    const symbol = this.symbol(index);
    try {
      const roll = this.next();
      if (roll < 0.4) this.venue.setLeverage(symbol, this.pick([1, 2, 10, 40]));
      else if (roll < 0.6) this.venue.setMarginMode(symbol, this.pick(['cross', 'isolated'] as const));
      else
        this.venue.moveIsolatedMargin(
          symbol,
          d(SCALE[this.kind].equity).times(this.next() - 0.5),
          this.hedged ? this.pick(['long', 'short'] as const) : undefined,
        );
    } catch (error) {
      if (!PerpsBotError.is(error) || error.code !== 'VENUE-003') throw error;
    }
  }

  private symbol(index: number): string {
    return SYMBOLS[index] ?? SYMBOLS[0];
  }

  private side(): Side {
    return this.chance(0.5) ? 'buy' : 'sell';
  }

  private chance(share: number): boolean {
    return this.next() < share;
  }

  private pick<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(this.next() * items.length)] ?? items[0];
  }
}

function stateOf({ account, markets }: VenueAccount): State {
  let isolated = true;
  for (const { holdings } of markets.values()) isolated &&= holdings.mode === 'isolated';
  return {
    fills: account.fills.length,
    equity: totalEquity(account, markets.values()),
    cash: account.ledger.cash,
    isolated,
  };
}

/** Two instruments of a kind, of one venue or of one each. */
function instrumentsOf(unit: MoneyUnit, kind: ContractKind, tiered: boolean, several: boolean): readonly Instrument[] {
  const key = `${unit.digits} ${kind} ${tiered} ${several}`;
  const made =
    MADE.get(key) ??
    VENUES.map(
      (venue, index) =>
        new Instrument(
          instrumentSpec({
            ...SPECS[kind],
            symbol: SYMBOLS[index] ?? '',
            minNotional: d(0),
            maxLeverage: d(100),
            makerFee: d('-0.0001'),
            takerFee: d('0.0006'),
            fundingIntervalHours: 1,
            ...(tiered ? { tiers: brackets(SCALE[kind].bracket) } : {}),
            ...(several ? { venue } : {}),
          }),
          unit,
        ),
    );
  MADE.set(key, made);
  return made;
}
