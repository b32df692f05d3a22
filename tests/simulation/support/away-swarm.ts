import { swap } from '#di/testing/swap.js';
import { Estate, Life } from '#di/testing/faults/estate.js';
import { opposite } from '#src/domain/order.js';
import { canOnlyReduce, protects } from '#src/domain/order-state.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { ExchangeStore } from '#src/ports/core-services/simulated-exchange.js';
import { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { EventStore } from '#src/ports/storage/event-store.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { bare, STEP_MS } from './cover-watch.js';
import { FaultyWorld, SYMBOL } from './faulty-world.js';
import { random } from './lives.js';
import { DEATHS, mortalLine, WINDINGS, type Death } from './mortal-line.js';
import { resting } from './resting.js';
import { switchedVenue, VENUES, type Winding } from './switched-venue.js';

export interface AwayFigures {
  deaths: number;
  /** Deaths that left orders at the venue which can increase. */
  leftResting: number;
  /** Entries that filled while nobody was there. */
  filledAway: number;
  readonly failures: string[];
}

const COUNTDOWN_MS = 30_000;
const LIFE_MS = 20_000;
const LIVES = 3;
const SETTLED_MS = 60_000;
const PLACES = [...DEATHS, ...WINDINGS];

/** Processes that die while entries rest; the market goes on, and the books are looked at before the next one. */
export async function awaySwarm(kind: string, seeds: number, first = 1): Promise<AwayFigures> {
  const figures: AwayFigures = { deaths: 0, leftResting: 0, filledAway: 0, failures: [] };
  for (let seed = first; seed < first + seeds; seed += 1) await new Absence(kind, seed, figures).all();
  return figures;
}

class Absence {
  private readonly estate = new Estate();
  private readonly draw: () => number;

  constructor(
    private readonly kind: string,
    private readonly seed: number,
    private readonly figures: AwayFigures,
  ) {
    this.draw = random(seed * 7_919);
  }

  async all(): Promise<void> {
    for (let left = LIVES; left > 1; left -= 1) await this.mortal();
    await this.last();
  }

  private async mortal(): Promise<void> {
    const { draw, estate, figures } = this;
    const place = PLACES[Math.floor(draw() * PLACES.length)] ?? 'moment';
    const { world, life, bury } = this.born({ place, nth: 1 + Math.floor(draw() * 12) });
    await Promise.race([world.bot.start(), life.over]);
    await world.run(0);
    for (const end = world.now + 2_000 + draw() * LIFE_MS; world.now < end && !life.isOver;) {
      await world.run(Math.ceil(draw() * STEP_MS));
      this.lookAtStops(world);
    }
    life.die();
    life.timers.drop();
    estate.lose(life.diedAt ?? world.now, draw());
    figures.deaths += 1;
    await this.away(world);
    world.venue.flush();
    bury();
  }

  /** What fills from here on is covered at the venue, or was gone within the countdown. */
  private async away(world: FaultyWorld): Promise<void> {
    const { figures } = this;
    const left = entriesOf(world);
    const bracketed = this.kind === 'brackets';
    if (left.length > 0) figures.leftResting += 1;
    if (bracketed)
      for (const { id, isCovered } of left) if (!isCovered) this.say(world, `${id} rests without the stop behind it`);
    const held = world.venue.fills.length;
    const gone = world.now + COUNTDOWN_MS + STEP_MS;
    let most = bare(world);
    for (const end = gone + 15_000; world.now < end;) {
      await world.run(STEP_MS);
      this.lookAtStops(world);
      const now = bare(world);
      const mayFill = !bracketed && world.now <= gone;
      if (now > most && !mayFill) this.say(world, `${now} lots filled without cover, ${most} were bare before`);
      most = mayFill ? Math.max(most, now) : most;
      if (bracketed || world.now <= gone) continue;
      for (const { id, isCovered } of entriesOf(world)) if (!isCovered) this.say(world, `${id} rests for ever`);
    }
    figures.filledAway += world.venue.fills
      .slice(held)
      .filter(({ clientId }) => left.some(({ id }) => id === clientId)).length;
  }

  /** Where every request is answered no stop ever stands that the switch would take along. */
  private lookAtStops(world: FaultyWorld): void {
    const due = world.venue.markets.get(SYMBOL)?.book.due;
    const isRunning = due !== undefined && Math.min(due.deadManAt, due.accountDeadManAt) < Infinity;
    if (!this.isClean || !isRunning) return;
    const stop = world.venue.openOrders(SYMBOL).find(({ request, asleep }) => protects(request) && !asleep);
    if (stop !== undefined) this.say(world, `${stop.request.clientId} stands beside a switch that would end it`);
  }

  private async last(): Promise<void> {
    const { world } = this.born(undefined);
    try {
      await world.start();
      await world.run(SETTLED_MS / 2);
      await world.until(() => bare(world) === 0 && world.differences().length === 0, SETTLED_MS);
      for (const difference of world.differences({ settled: true, inOrder: false })) this.say(world, difference);
      for (const violation of world.wire.violations) this.say(world, violation);
    } finally {
      await world.stop();
    }
    for (const { id, isCovered } of entriesOf(world)) if (!isCovered) this.say(world, `${id} is left behind`);
  }

  private say(world: FaultyWorld, what: string): void {
    this.figures.failures.push(`${this.kind}, seed ${this.seed} at ${world.now}: ${what}`);
  }

  /** Every request to the switch is answered. */
  private get isClean(): boolean {
    return this.seed % 2 === 1;
  }

  private fate(): Winding {
    const pick = this.isClean ? 1 : this.draw();
    if (pick < 0.08) return { arrives: false, isAnswered: false };
    if (pick < 0.16) return { arrives: true, isAnswered: false };
    return pick < 0.2 ? { arrives: true, isAnswered: false, delayMs: 3_000 } : { arrives: true, isAnswered: true };
  }

  private born(death: Death | undefined): { world: FaultyWorld; life: Life; bury: () => void } {
    const { estate, seed, kind } = this;
    const life = new Life();
    let isBuried = false;
    const world: FaultyWorld = new FaultyWorld({
      seed,
      strategy: 'resting',
      execution: { deadMan: `${COUNTDOWN_MS / 1_000}s` },
      overrides: (container) => {
        container.bind(StrategyDefinition).toConstantValue(resting);
        swap(container, EventStore, estate.journalOf(life));
        swap(
          container,
          ExchangeStore,
          estate.exchangeOf(() => isBuried),
        );
        swap(container, HostScheduler, life.timers);
        container.onActivation(Brokerage, (_context, broker) => {
          const parts = { venue: () => world.venue, scheduler: () => world.scheduler, fateOf: () => this.fate() };
          const venue = switchedVenue(broker, VENUES[kind] ?? {}, parts);
          return mortalLine(venue, life, death ?? { place: 'moment', nth: 0 }, {
            left: ({ clientId }) => void estate.sent.add(clientId),
            answered: () => undefined,
          });
        });
      },
    });
    life.now = () => world.now;
    return { world, life, bury: () => void (isBuried = true) };
  }
}

/** Orders at the exchange that can increase, and whether a stop sleeps behind them. */
const entriesOf = ({ venue }: FaultyWorld): { readonly id: string; readonly isCovered: boolean }[] => {
  const orders = venue.openOrders(SYMBOL);
  return orders
    .filter(({ request }) => !canOnlyReduce(request))
    .map(({ request: { clientId, side } }) => ({
      id: clientId,
      isCovered: orders.some(
        ({ request }) => protects(request) && request.side === opposite(side) && request.options?.after === clientId,
      ),
    }));
};
