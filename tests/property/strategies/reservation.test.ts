import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { resolveConfig } from '#config/index.js';
import type { FaultStep } from '#di/testing/faults/fault-step.js';
import { runFaulted } from '#di/testing/faults/faulted-run.js';
import { configOf, SPEC } from '#di/testing/run-config.js';
import { bars, columnsOf } from '#di/testing/test-bars.js';
import { Decimal } from '#src/domain/decimal.js';
import { Instrument } from '#src/domain/instrument.js';
import { reservedLots } from '#src/domain/order-state.js';
import type { Side } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import { OpenOrders } from '#src/ports/runtime-state/open-orders.js';
import { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { Intent, IntentList } from '#src/ports/strategy/intent.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';
import { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';
import { seeded } from '../../support/oracle/market.js';

const SYMBOL = 'TEST-PERP';
const BARS = 30;
/** Worth at a hundred: sixty lots. */
const MOST = 6_000;
const spec = { ...SPEC, tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };
const instrument = new Instrument(spec);

/** Asks for whatever there is, in no sensible order: lists, changes, ends, and closes. */
class Restless implements EventStrategy {
  readonly name = 'restless';
  readonly needs = { symbols: [SYMBOL], timeframes: [{ ms: 60_000, lookback: 1 }] };
  private nth = 0;
  readonly refused = new Map<string, number>();
  asked = 0;

  constructor(private readonly random: () => number) {}

  onBar({ close }: { readonly close: number }, desk: StrategyDesk): void {
    for (let acts = 1 + this.whole(4); acts > 0; acts -= 1) this.act(desk, close);
  }

  onFill(_fill: unknown, _ticket: unknown, desk: StrategyDesk): void {
    const mark = desk.mark(SYMBOL);
    if (this.random() < 0.3 && mark !== undefined) this.act(desk, Math.round(mark / instrument.marksPerTick));
  }

  snapshot(): undefined {}
  restore(): void {}

  private act(desk: StrategyDesk, price: number): void {
    this.asked += 1;
    const open = desk.open();
    const one = open[this.whole(open.length)];
    const what = this.random();
    if (what < 0.4) this.told([desk.place(this.wish(price))]);
    else if (what < 0.6) this.told(desk.placeList(this.list(price)));
    else if (what < 0.8 && one !== undefined) {
      const size = Math.max(1, one.lots + this.whole(31) - 15);
      const at = one.limitTicks === undefined ? {} : { limit: ticks(Math.max(1, one.limitTicks + this.whole(5) - 2)) };
      const answer = desk.amend(one, { lots: lots(size), ...at, why: 'otherwise' });
      if (answer.outcome === 'refused') this.count(answer.refusal.check);
    } else if (what < 0.93 && one !== undefined) desk.cancel(one, 'no more');
    else desk.close(SYMBOL, { why: 'enough' });
  }

  private list(price: number): IntentList {
    const two = [this.wish(price), this.wish(price)];
    const what = this.random();
    if (what < 0.35) return { kind: 'batch', intents: [...two, this.wish(price)] };
    // Two that wait, on one side or on both.
    if (what < 0.75) return { kind: 'oco', intents: two.map((each) => this.waiting(each, price)) };
    const entry = this.wish(price);
    const exit = { side: entry.side === 'buy' ? 'sell' : 'buy', reduceOnly: true, lots: entry.lots } as const;
    const away = (entry.side === 'buy' ? 1 : -1) * 4;
    const { why, tag } = entry;
    return {
      ...{ kind: 'bracket', entry },
      exits: [
        {
          ...{ instrument, why, ...exit, type: 'stop_market', stop: ticks(price - away), role: 'stop' },
          tag: `${tag}/s`,
        },
        {
          ...{ instrument, why, ...exit, type: 'limit', limit: ticks(price + away), role: 'take_profit' },
          tag: `${tag}/t`,
        },
      ],
    };
  }

  private waiting(wish: Intent, price: number): Intent {
    const away = 1 + this.whole(3);
    const at = wish.side === 'buy' ? price - away : price + away;
    return { ...wish, type: 'limit', limit: ticks(at) };
  }

  private wish(price: number): Intent {
    const side: Side = this.random() < 0.5 ? 'buy' : 'sell';
    const away = this.whole(4);
    const limit = ticks(side === 'buy' ? price - away : price + away);
    this.nth += 1;
    return {
      ...{ instrument, side, lots: lots(1 + this.whole(30)), role: 'entry', tag: `e${this.nth}`, why: 'chance' },
      ...(this.random() < 0.35 ? { type: 'market' } : { type: 'limit', limit }),
    };
  }

  private told(tickets: readonly OrderTicket[]): void {
    for (const { refusal } of tickets) if (refusal !== undefined) this.count(refusal.check);
  }

  private count(check: string): void {
    this.refused.set(check, (this.refused.get(check) ?? 0) + 1);
  }

  private whole(below: number): number {
    return Math.floor(this.random() * below);
  }
}

/** What the exchange by its own books could make of the position on one side, were the worst to fill. */
function worstAt(venue: SimulatedVenue, side: Side): number {
  const held = venue.markets.get(SYMBOL)?.position.lots ?? 0;
  const groups = new Map<string, number>();
  let adds = 0;
  for (const { request, remaining } of venue.openOrders(SYMBOL)) {
    if (request.side !== side || request.reduceOnly || request.options?.closePosition === true) continue;
    const group = request.options?.group;
    if (group === undefined) adds += remaining;
    else groups.set(group, Math.max(groups.get(group) ?? 0, remaining));
  }
  for (const most of groups.values()) adds += most;
  return (side === 'buy' ? held : 0 - held) + adds;
}

/** What the bot counts on that side of what can only reduce: it may go first, and the rest opens. */
const reducing = (open: OpenOrders, side: Side): number =>
  open
    .of(SYMBOL)
    .filter(({ request }) => request.reduceOnly && request.side === side)
    .reduce((sum, order) => sum + reservedLots(order), 0);

const walk = (seed: number): number[] => {
  const random = seeded(seed);
  let price = 100;
  return Array.from(
    { length: BARS },
    () => (price = Math.max(90, Math.min(110, price + Math.floor(random() * 5) - 2))),
  );
};

function faultsOf(random: () => number): FaultStep[] {
  return Array.from({ length: 10 }, (_unused, index): FaultStep => {
    const when = { order: 'entry', is: 'sent', nth: 1 + index * 2 + Math.floor(random() * 2) } as const;
    const what = random();
    if (what < 0.3) return { when, fault: 'unknown', arrived: random() < 0.6 };
    if (what < 0.6) return { when, fault: 'delay', by: `${1 + Math.floor(random() * 90)}s` };
    if (what < 0.8) return { when, fault: 'race' };
    return { when, fault: 'partial', share: 0.4 };
  });
}

async function restless(seed: number) {
  const random = seeded(seed);
  const strategy = new Restless(random);
  const closes = walk(seed);
  const columns = columnsOf(bars.closes('1m', closes), spec);
  const config = {
    risk: { maxPositionSize: `${MOST} USDT` },
    execution: { allowUncoveredEntries: true },
    simulation: { latency: { order: '300ms', response: '300ms' } },
  };
  const terms = { name: 'restless', columns, spec, params: {}, equity: 100_000, config };
  const exceeded: string[] = [];
  let looks = 0;
  let peak = 0;
  const definition = eventStrategy({ name: 'restless', parameters: [], create: () => strategy });
  const outcome = await runFaulted(
    definition,
    columns,
    resolveConfig(configOf('paper', terms)),
    faultsOf(random),
    (container) => {
      const [venue, open, portfolio] = [
        () => container.get(SimulatedVenue),
        () => container.get(OpenOrders),
        () => container.get(Portfolio),
      ];
      container.onActivation(SimulatedVenue, (_context, made) => {
        // Whatever the exchange has just done, before anybody has heard of it.
        made.onAccount(({ kind }) => {
          looks += 1;
          const held = portfolio().position(instrument).lots;
          for (const side of ['buy', 'sell'] as const) {
            const worst = worstAt(venue(), side);
            const approved =
              (side === 'buy' ? held + open().buying(SYMBOL) : open().selling(SYMBOL) - held) + reducing(open(), side);
            peak = Math.max(peak, worst);
            if (worst > Math.max(approved, 0))
              exceeded.push(`${kind}: ${side} could come to ${worst}, approved ${approved}`);
            // Approved at no less than the lowest mark there was.
            if (worst * Math.min(...closes) > MOST)
              exceeded.push(`${kind}: ${side} of ${worst} lots is beyond the limit`);
          }
        });
        return made;
      });
    },
  );
  return { ...outcome, exceeded, looks, peak, strategy };
}

describe('S-21: what is open never comes to more than risk has approved', () => {
  it.each([2, 3, 9])('with lists, changes, ends and lost answers under way (seed %i)', async (seed) => {
    const { exceeded, looks, peak, strategy } = await restless(seed);
    expect(exceeded).toEqual([]);
    expect(looks).toBeGreaterThan(40);
    // The limit was met, and held.
    expect(strategy.refused.get('max_position_size')).toBeGreaterThan(0);
    expect(peak).toBeGreaterThan(MOST / 100 / 2);
  });
});
