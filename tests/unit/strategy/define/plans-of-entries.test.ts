import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { defineStrategy, limit, stopEntry } from '#di/index.js';
import { bars, runStrategy } from '#di/testing.js';
import type { Order } from '#src/domain/order.js';
import { Instrument } from '#src/domain/instrument.js';
import type { Position } from '#src/domain/position.js';
import { lots, ticks } from '#src/domain/units.js';
import { HeldStop } from '#src/services/strategy/define/held-stop.js';
import { LiveTicket, type TicketHands } from '#src/services/strategy/host/live-ticket.js';
import type { ShortDesk } from '#src/services/strategy/host/short-desk.js';
import { instrumentSpec } from '#src/testing/instruments.js';

/** Falls to the limit, rises through the stop entry and both rungs, and falls to where every stop is. */
const PRICES = bars.closes('5m', [100, 100, 100, 98.5, 99, 100.6, 102, 104.5, 107, 107, 90, 90]);
const ENTRIES = { limit: { entry: limit(99) }, market: {}, stop: { entry: stopEntry(100.4) } } as const;
const half = (at: number) => ({ at, share: '50%' as const });
/** What a bar asks is no other bar's: neither its stop, nor its rungs, nor its distance, nor its time. */
const EXITS = {
  'stop only': () => ({}),
  ladder: (n: number) => ({ takeProfit: [half(101 + n / 4), half(104 + n / 4)] }),
  trail: (n: number) => ({ trail: { by: { price: 1 + n / 4 } } }),
  'time stop': (n: number) => ({ timeStop: `${n + 1} bars` as const }),
} as const;
type EntryName = keyof typeof ENTRIES;
type ExitName = keyof typeof EXITS;

/** From the entry that is not withdrawn on. A decision at market is not, nor does it need to be. */
const FILLS: Readonly<Record<EntryName, Readonly<Record<ExitName, readonly string[]>>>> = {
  limit: {
    'stop only': ['entry buy 2 @99 bar 3', 'stop sell 2 @95.75 bar 10'],
    ladder: ['entry buy 2 @99 bar 3', 'take_profit sell 1 @101.75 bar 6', 'take_profit sell 1 @104.75 bar 8'],
    trail: ['entry buy 2 @99 bar 3', 'stop sell 2 @105.25 bar 10'],
    'time stop': ['entry buy 2 @99 bar 3', 'exit sell 2 @102 bar 7'],
  },
  market: {
    'stop only': ['entry buy 2 @100 bar 1', 'stop sell 2 @95.25 bar 10'],
    ladder: ['entry buy 2 @100 bar 2', 'take_profit sell 1 @101.5 bar 6', 'take_profit sell 1 @104.5 bar 8'],
    trail: ['entry buy 2 @100 bar 1', 'stop sell 2 @98.75 bar 3'],
    'time stop': ['entry buy 2 @100 bar 1', 'exit sell 2 @100 bar 3'],
  },
  stop: {
    'stop only': ['entry buy 2 @100.4 bar 5', 'stop sell 2 @96.25 bar 10'],
    ladder: ['entry buy 2 @100.4 bar 5', 'take_profit sell 1 @102.25 bar 7', 'take_profit sell 1 @105.25 bar 8'],
    trail: ['entry buy 2 @100.4 bar 5', 'stop sell 2 @104.75 bar 10'],
    'time stop': ['entry buy 2 @100.4 bar 5', 'stop sell 2 @96.25 bar 10'],
  },
};

async function firstFills(
  entry: EntryName,
  exits: ExitName,
  killed: 'sent' | 'accepted',
  onRestart: 'cancel' | 'keep' = 'cancel',
): Promise<readonly string[]> {
  const strategy = defineStrategy({
    name: 'own-plans',
    timeframe: '5m',
    onRestart,
    setup: () => ({}),
    onBar({ long, position, now }) {
      const n = Math.round(now / 300_000) % 12;
      if (!position.isFlat || n === 0) return;
      long({ why: 'in', quantity: 2, stop: 95 + n / 4, ...ENTRIES[entry], ...EXITS[exits](n) });
    },
  });
  const faults = [{ when: { order: 'entry', is: killed, nth: 1 }, fault: 'kill' }] as const;
  const run = await runStrategy(strategy, { bars: PRICES, faults });
  expect(run.lives).toBe(2);
  return run.fillLines.slice(0, exits === 'ladder' ? 3 : 2);
}

describe('an entry that a restart has withdrawn', () => {
  for (const entry of Object.keys(ENTRIES) as EntryName[])
    for (const exits of Object.keys(EXITS) as ExitName[])
      it(`leaves nothing to the next one: ${entry}, ${exits}`, async () => {
        expect(await firstFills(entry, exits, 'sent')).toEqual(FILLS[entry][exits]);
      });

  for (const entry of Object.keys(ENTRIES) as EntryName[])
    it(`leaves nothing to the next one where it stood at the venue: ${entry}`, async () => {
      expect(await firstFills(entry, 'ladder', 'accepted')).toEqual(FILLS[entry].ladder);
    });

  it('is left in halves where it was kept, and filled in the next life', async () => {
    const fills = await firstFills('limit', 'ladder', 'accepted', 'keep');
    expect(fills).toEqual(FILLS.limit.ladder);
  });
});

const instrument = new Instrument(instrumentSpec());
const HANDS = {} as TicketHands;

/** A ticket whose order stands so. */
function ticketOf(clientId: string, status: Order['status'], filled = 0): LiveTicket {
  const terms = { instrument, side: 'buy', type: 'limit', lots: lots(4), role: 'entry', tag: 'entry.long' } as const;
  const ticket = new LiveTicket({ ...terms, why: 'in', id: clientId, createdAt: 0 }, HANDS);
  ticket.take({ status, filled, request: { clientId, lots: 4 } } as Order);
  return ticket;
}
const held = (size: number, openedAt = 5): Position =>
  ({ instrument, lots: lots(size), openedAt: size === 0 ? undefined : openedAt }) as Position;
const fillOf = (clientId: string) => ({ side: 'buy', lots: lots(4), clientId }) as const;
const deskOf = (...open: LiveTicket[]): ShortDesk =>
  ({ allOpen: ({ tag }: { tag: string }) => open.filter((each) => each.tag === tag) }) as never;

/** One whose entry has ended so. */
function planned(entry: LiveTicket | undefined, at = 90, stop = new HeldStop(instrument)): HeldStop {
  stop.plan('buy', ticks(at), {}, 1);
  stop.plans.bind('buy', entry);
  return stop;
}

describe('the plan of an entry', () => {
  for (const status of ['cancelled', 'expired', 'rejected', 'lost'] as const)
    it(`is gone with an entry that made nothing: ${status}`, () => {
      const stop = planned(ticketOf('a', status));
      expect(stop.snapshot()).toBeUndefined();
      expect(stop.plannedLevel('buy')).toBeUndefined();
      stop.onFill(held(4), fillOf('somebody-elses'));
      expect(stop.levelOf(held(4))).toBeUndefined();
    });

  it('is there for a late fill of its own entry, whatever was planned since', () => {
    const stop = planned(ticketOf('b', 'open'), 80, planned(ticketOf('a', 'cancelled'), 90));
    expect(stop.plannedLevel('buy')).toBe(80);
    stop.onFill(held(4), fillOf('a'));
    expect(stop.levelOf(held(4))).toBe(90);
  });

  it('is there for a fill of an order that another one has replaced', () => {
    const ticket = ticketOf('a', 'open');
    const stop = planned(ticket);
    ticket.take({ status: 'cancelled', filled: 0, replaces: 'a', request: { clientId: 'a2', lots: 4 } } as Order);
    stop.onFill(held(4), fillOf('a'));
    expect(stop.levelOf(held(4))).toBe(90);
  });

  it('is remembered while a fill is not known yet, and forgotten with the position that it made', () => {
    const stop = planned(ticketOf('a', 'filled', 4));
    expect(stop.snapshot()).toMatchObject({ stop: expect.any(String), opened_at: null, tag: 'entry.long' });
    stop.onFill(held(4), fillOf('a'));
    stop.onFill(held(0));
    expect(stop.snapshot()).toBeUndefined();
    stop.onFill(held(4, 9), fillOf('somebody-elses'));
    expect(stop.levelOf(held(4, 9))).toBeUndefined();
  });

  it('goes on with the rest of its entry, which is still to be sent', () => {
    let isAwaited = true;
    const stop = planned(ticketOf('a', 'cancelled'), 90, new HeldStop(instrument, () => isAwaited));
    expect(stop.plannedLevel('buy')).toBe(90);
    isAwaited = false;
    expect(stop.plannedLevel('buy')).toBeUndefined();
  });

  it('is as much as what stands of its entry after a restart', () => {
    const saved = planned(ticketOf('a', 'open')).snapshot();
    const next = (...open: LiveTicket[]): HeldStop => {
      const stop = new HeldStop(instrument);
      stop.restore(saved ?? null);
      stop.plans.begin(deskOf(...open), held(0));
      return stop;
    };
    expect(next(ticketOf('a', 'open')).plannedLevel('buy')).toBe(90);
    expect(next().plannedLevel('buy')).toBeUndefined();
    expect(next().snapshot()).toBeUndefined();
    const other = planned(ticketOf('b', 'open'), 80, next(ticketOf('a', 'cancelled')));
    other.onFill(held(4), fillOf('b'));
    expect(other.levelOf(held(4))).toBe(80);
  });

  it('made the position that a start finds', () => {
    const stop = new HeldStop(instrument);
    stop.restore(planned(ticketOf('a', 'open')).snapshot() ?? null);
    expect(stop.levelOf(held(4))).toBe(90);
    expect(stop.levelOf(held(4, 9))).toBeUndefined();
  });
});
