import { swap } from '#di/testing/swap.js';
import { protects } from '#src/domain/order-state.js';
import type { OrderRequest } from '#src/domain/order.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { disturber, heal } from './cover-swarm.js';
import { bare, coverWatch, longer, STEP_MS, type Longest } from './cover-watch.js';
import { Estate, Life } from '#di/testing/faults/estate.js';
import { FaultyWorld, SYMBOL } from './faulty-world.js';
import { random } from './lives.js';
import { DEATHS, mortalLine, type Death } from './mortal-line.js';
import { overSeeds } from './over-seeds.js';

export interface DeathFigures {
  seeds: number;
  deaths: number;
  /** Deaths that left lots without a stop at the exchange, and next lives that began so. */
  bareAtDeath: number;
  bareAtStart: number;
  /** Milliseconds without cover from the first answer that a next life had, at most, and where. */
  readonly longestBack: Longest;
  /** While a process lived and the exchange answered. */
  readonly longest: Longest;
  /** From one life to the next: nobody was there. */
  readonly longestDead: Longest;
  readonly failures: string[];
}

const LIVES = 3;
const LIFE_MS = 25_000;
const PAUSE_MS = 15_000;
const LAST_MS = 10_000;
const SETTLED_MS = 60_000;

/** Processes that die anywhere while they hold a position; each leaves its journal to the next. */
export async function deathSwarm(seeds: number, first = 1): Promise<DeathFigures> {
  const none = { ms: 0, seed: 0 };
  const figures: DeathFigures = {
    seeds,
    deaths: 0,
    bareAtDeath: 0,
    bareAtStart: 0,
    longestBack: { ...none },
    longest: { ...none },
    longestDead: { ...none },
    failures: [],
  };
  return overSeeds([first, seeds], figures, (seed) => new Lives(seed, figures).all());
}

/** The processes of one seed, one after another, over one exchange. */
class Lives {
  private readonly estate = new Estate();
  private readonly draw: () => number;

  constructor(
    private readonly seed: number,
    private readonly figures: DeathFigures,
  ) {
    this.draw = random(seed * 9_973);
  }

  async all(): Promise<void> {
    for (let left = LIVES; left > 1; left -= 1) await this.mortal(left === LIVES);
    await this.last();
  }

  /** Lives until it dies; the market then goes on for a while without it. */
  private async mortal(isFirst: boolean): Promise<void> {
    const { draw, estate, figures } = this;
    const place = DEATHS[Math.floor(draw() * DEATHS.length)] ?? 'moment';
    const { world, life, look, bury } = this.born({ place, nth: 1 + Math.floor(draw() * 8) }, isFirst);
    const disturb = disturber(world, draw);
    this.deafen(world);
    await Promise.race([world.bot.start(), life.over]);
    await world.run(0);
    if (!life.isOver) look();
    for (const end = world.now + 1_000 + draw() * LIFE_MS; world.now < end && !life.isOver;) {
      if (world.now % 1_000 < STEP_MS) disturb();
      if (draw() < 0.1) world.wire.failing.clear();
      await world.run(place === 'moment' ? Math.ceil(draw() * STEP_MS) : STEP_MS);
      if (!life.isOver) look();
    }
    life.die();
    life.timers.drop();
    estate.lose(life.diedAt ?? world.now, draw());
    figures.deaths += 1;
    if (bare(world) > 0) figures.bareAtDeath += 1;
    const diedAt = world.now;
    for (const end = world.now + draw() * PAUSE_MS; world.now < end;) {
      await world.run(STEP_MS);
      if (draw() < 0.05) await this.endStop(world);
    }
    if (bare(world) > 0) {
      figures.bareAtStart += 1;
      longer(figures.longestDead, world.now - diedAt, this.seed);
    }
    world.venue.flush();
    bury();
  }

  /** Nothing is in its way any more, and everything comes right. */
  private async last(): Promise<void> {
    const { world, look, say } = this.born(undefined, false);
    try {
      const disturb = disturber(world, this.draw);
      this.deafen(world);
      await world.start();
      look();
      for (const end = world.now + LAST_MS; world.now < end;) {
        disturb();
        if (this.draw() < 0.1) world.wire.failing.clear();
        await world.run(STEP_MS);
        look();
      }
      heal(world);
      world.wire.failing.clear();
      const differences = (): string[] => world.differences({ settled: true, inOrder: false });
      for (const end = world.now + SETTLED_MS; world.now < end && differences().length > 0;) {
        await world.run(STEP_MS);
        look();
      }
      for (const difference of differences()) say(difference);
    } finally {
      heal(world);
      await world.stop();
    }
  }

  private born(death: Death | undefined, isFirst: boolean) {
    const { estate, figures, seed } = this;
    const life = new Life();
    let isBuried = false;
    let answeredAt: number | undefined;
    let wasCovered = isFirst;
    const say = (what: string): number => figures.failures.push(`seed ${seed} at ${world.now}: ${what}`);
    const left = (request: OrderRequest): void => {
      if (estate.sent.has(request.clientId)) say(`${request.clientId} was sent in an earlier life`);
      estate.sent.add(request.clientId);
      wasCovered ||= bare(world) === 0;
      if (!wasCovered && !request.reduceOnly) say(`${request.clientId} left before the cover was back`);
    };
    const answered = (): void => void (answeredAt ??= world.now);
    const world: FaultyWorld = new FaultyWorld({
      seed,
      strategy: 'guarded',
      brackets: seed % 2 === 0,
      overrides: (container) => {
        swap(container, EventStore, estate.journalOf(life));
        swap(
          container,
          ExchangeStore,
          estate.exchangeOf(() => isBuried),
        );
        swap(container, HostScheduler, life.timers);
        container.onActivation(Brokerage, (_context, broker) =>
          mortalLine(broker, life, death ?? { place: 'moment', nth: 1 }, { left, answered }),
        );
      },
    });
    life.now = () => world.now;
    const { failures } = figures;
    const notBefore = (): number => answeredAt ?? world.now;
    const back = coverWatch(world, { seed, clean: figures.longestBack, failures, notBefore });
    const watch = coverWatch(world, { seed, clean: figures.longest, failures });
    const look = (): void => {
      if (wasCovered) {
        watch();
        return;
      }
      wasCovered = back();
    };
    const bury = (): void => {
      isBuried = true;
      for (const violation of world.wire.violations) say(violation);
    };
    return { world, life, look, say, bury };
  }

  /** What a start can do without is not answered at first, sometimes. */
  private deafen({ wire }: FaultyWorld): void {
    for (const read of ['getOrder', 'listOpenOrders', 'listPositions'] as const)
      if (this.draw() < 0.1) wire.failing.add(read);
  }

  private async endStop({ venue, wire }: FaultyWorld): Promise<void> {
    const stop = venue.openOrders(SYMBOL).find(({ request, asleep }) => protects(request) && !asleep);
    if (stop !== undefined) await wire.endAtVenue(stop.request.clientId, SYMBOL);
  }
}
