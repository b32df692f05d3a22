import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PerpsBotError } from '#src/domain/errors.js';
import { lots } from '#src/domain/units.js';
import { signalIdOf } from '#src/services/execution/orders/signal-id.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { Rig, settled, SYMBOL, T0 } from '../unit/execution/rig.js';
import { CrashingJournal, mortal, ScriptedVenue, type Fate } from '../unit/execution/scripted-venue.js';

type Step =
  | { readonly do: 'decide'; readonly fate: Fate; readonly again: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | {
      readonly do: 'crash';
      readonly ticks: number;
      readonly kept: number;
      readonly sending: boolean;
      readonly fate: Fate;
    }
  | { readonly do: 'outage'; readonly down: boolean }
  | { readonly do: 'reconcile' };

const fate: fc.Arbitrary<Fate> = fc.record({
  arrives: fc.constantFrom('now' as const, 'late' as const, 'never' as const),
  delayMs: fc.integer({ min: 0, max: 4_000 }),
  reply: fc.constantFrom('told' as const, 'unknown' as const, 'silent' as const),
  refused: fc.constantFrom(false, false, false, true),
  fillTenths: fc.constantFrom(0, 0, 4, 10),
  lagMs: fc.integer({ min: 0, max: 9_000 }),
  streamed: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('decide' as const), fate, again: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      ticks: fc.nat({ max: 14 }),
      kept: fc.nat({ max: 10 }),
      sending: fc.boolean(),
      fate,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('outage' as const), down: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reconcile' as const) }) },
);

/** One account over the lives of several processes. */
class World {
  readonly clock = new ManualClock(T0);
  readonly journal = new CrashingJournal(() => this.clock.now());
  readonly venue = new ScriptedVenue(this.clock, this.journal);
  private life = 1;
  rig = this.boot();
  private decidedAt = 0;

  private boot(): Rig {
    const { life } = this;
    const alive = (): boolean => this.life === life;
    return new Rig({ clock: this.clock, journal: mortal(this.journal, alive), broker: mortal(this.venue, alive) });
  }

  async start(): Promise<void> {
    const { down } = this.venue;
    this.venue.down = false;
    await this.rig.start();
    this.venue.down = down;
  }

  async crash(ticks: number, kept: number): Promise<void> {
    for (let i = 0; i < ticks; i += 1) await Promise.resolve();
    this.life += 1;
    this.journal.crash(kept);
    this.rig = this.boot();
    await this.start();
  }

  decide(withFate: Fate, again: boolean): void {
    if (!again) this.decidedAt += 1;
    const signalId = signalIdOf(SYMBOL, 'baseline', this.decidedAt, 'buy');
    this.venue.fate = withFate;
    try {
      this.rig.submit({
        lots: lots(10),
        signalId,
        origin: { strategy: 'baseline', reason: 'test', decidedAt: this.decidedAt },
      });
    } catch (error) {
      if (!PerpsBotError.is(error) || error.code !== 'ORDER-002') throw error;
    }
  }

  /** Decisions behind the orders that reached the wire, by the journal's word. */
  get sentDecisions(): unknown[] {
    const decidedAt = new Map(
      this.journal.payloads('order').map((record) => [record['client_id'], record['decided_at']]),
    );
    return this.venue.sent.map((clientId) => decidedAt.get(clientId));
  }

  async wait(ms: number): Promise<void> {
    await settled();
    await this.rig.scheduler.advance(ms);
    await this.venue.scheduler.advance(0);
    await settled();
  }

  async reconcile(): Promise<void> {
    await settled();
    await this.rig.gateway.resolveUnknown(this.clock.now());
    await this.rig.reconciler.reconcile().catch(() => undefined);
  }

  async heal(): Promise<void> {
    this.venue.down = false;
    for (let i = 0; i < 8; i += 1) {
      await this.wait(10_000);
      await this.reconcile();
      await this.rig.stream.backfill();
    }
  }
}

async function live(world: World, steps: readonly Step[]): Promise<void> {
  await world.start();
  for (const next of steps) {
    if (next.do === 'decide') world.decide(next.fate, next.again);
    else if (next.do === 'wait') await world.wait(next.ms);
    else if (next.do === 'reconcile') await world.reconcile();
    else if (next.do === 'outage') world.venue.down = next.down;
    else {
      if (next.sending) world.decide(next.fate, false);
      await world.crash(next.ticks, next.kept);
    }
  }
  await world.heal();
}

describe('one intent, one order', () => {
  it('holds at a venue that loses, delays and repeats, through crashes at any point (I-02) (I-03) (I-09) (I-10) (I-15)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const world = new World();
        await live(world, steps);
        const { venue, rig, sentDecisions } = world;

        expect(venue.problems).toEqual([]);
        expect(new Set(venue.sent).size).toBe(venue.sent.length);
        expect(new Set(sentDecisions).size).toBe(sentDecisions.length);
        const arrived = [...venue.account.orders.values()];
        for (const { clientId = '', filled, size } of arrived) {
          const order = rig.log.find(clientId);
          const status = filled.eq(size) ? 'filled' : filled.gt(0) ? 'partially_filled' : 'open';
          expect([clientId, order?.filled, order?.status]).toEqual([clientId, rig.instrument.toLots(filled), status]);
        }
        const alive = arrived.filter(({ filled, size }) => !filled.eq(size)).map(({ clientId }) => clientId);
        expect(
          rig.log
            .open()
            .map((order) => order.request.clientId)
            .sort(),
        ).toEqual(alive.sort());
        expect(rig.portfolio.position(rig.instrument).lots).toBe(venue.position);
        expect(rig.ladder.state).toBe('NORMAL');
      }),
      { numRuns: 150 },
    );
  });
});
