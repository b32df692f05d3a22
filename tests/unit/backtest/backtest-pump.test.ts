import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { units } from '#src/domain/units.js';
import { BacktestPump } from '#src/backtest/backtest-pump.js';
import { EquityStatistics } from '#src/backtest/equity-statistics.js';
import { FeedSet } from '#src/backtest/feeds/feed-set.js';
import { columns, FakeHouse, MINUTE } from './fake-house.js';

describe('BacktestPump', () => {
  const pumpOf = (house: FakeHouse, set: FeedSet): BacktestPump =>
    new BacktestPump(
      house.services,
      { set, instrumentOf: () => house.instrument, stepMs: MINUTE },
      new EquityStatistics(units(1), MINUTE),
      { mode: 'fast' },
    );

  it('counts the bars that have closed', () => {
    const pump = pumpOf(new FakeHouse(), new FeedSet([{ kind: 'bars', columns: columns([1]) }]));
    expect([pump.events, pump.ended]).toEqual([0, false]);
  });

  it('tells the house the same by its loop for bars alone as by the one for anything, whatever has to be awaited', async () => {
    const wait = fc.record({
      bar: fc.nat(12),
      onBar: fc.boolean(),
      wireMs: fc.option(fc.integer({ min: 1, max: 200_000 })),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 }),
        fc.array(wait, { maxLength: 6 }),
        fc.boolean(),
        fc.boolean(),
        async (steps, waits, slow, needy) => {
          let minute = 0;
          const openAt = steps.map((step) => (minute += step) * MINUTE);
          const bars = columns(
            openAt.map((_, index) => 100 + index),
            openAt,
          );
          const told = async (alone: boolean): Promise<readonly string[]> => {
            const set = new FeedSet([{ kind: 'bars', columns: bars }]);
            if (!alone) Object.defineProperty(set, 'onlyBars', { value: undefined });
            const house = new WaitingHouse(waits, slow, needy);
            await pumpOf(house, set).run();
            return house.told;
          };
          expect(await told(true)).toEqual(await told(false));
        },
      ),
      { numRuns: 300 },
    );
  });
});

interface Wait {
  readonly bar: number;
  readonly onBar: boolean;
  /** Venue time that a request takes; null: only the host's. */
  readonly wireMs: number | null;
}

/** A house with work pending at some bars, of which some waits for venue time. */
class WaitingHouse extends FakeHouse {
  readonly told: string[] = [];
  private readonly due: number[] = [];

  constructor(waits: readonly Wait[], slow: boolean, needy: boolean) {
    super();
    const { services, due, told } = this;
    services.indicators.needs = () => needy;
    services.indicators.refresh = async () => void told.push(`refresh ${this.time}`);
    const begin = (bar: number, onBar: boolean): void => {
      for (const wait of waits) {
        if (wait.bar !== bar || wait.onBar !== onBar) continue;
        this.pendingCount += 1;
        if (slow && wait.wireMs !== null) due.push(this.time + wait.wireMs);
      }
    };
    let bar = 0;
    this.onBar = ({ openAt }) => {
      told.push(`bar ${openAt} seen at ${this.time}`);
      begin(bar, true);
    };
    this.onStep = (now) => {
      told.push(`step ${now} with ${this.mark ?? 'nothing'}`);
      begin(bar, false);
      bar += 1;
    };
    services.pending.idle = async () => {
      told.push(`idle at ${this.time}`);
      this.pendingCount = 0;
    };
    this.journal.flush = async () => {
      // Whatever waits for the host alone is done with its next turn.
      this.pendingCount = due.length;
    };
    if (!slow) return;
    Object.assign(services.exchange, {
      wire: {
        takesTime: true,
        get nextAt() {
          return Math.min(Number.POSITIVE_INFINITY, ...due);
        },
        get travelling() {
          return due.length;
        },
        close: () => told.push('close'),
      },
      advance: (at: number) => {
        told.push(`advance ${at}`);
        for (let i = due.length - 1; i >= 0; i -= 1) if ((due[i] as number) <= at) due.splice(i, 1);
      },
    });
  }
}
