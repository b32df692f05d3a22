import type { BotContainer } from '#di/container.js';
import { lots } from '#src/domain/units.js';
import { swap } from '#di/testing/swap.js';
import { VenueClock } from '#src/platform/time/venue-clock.js';
import { Clock, HostClock } from '#src/ports/configuration/clock.js';
import { HostScheduler, type Scheduler } from '#src/ports/configuration/scheduler.js';
import { VenueTime } from '#src/ports/configuration/venue-time.js';
import { OrderLog } from '#src/ports/core-services/execution.js';
import { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { disturber, heal } from './cover-swarm.js';
import { coverWatch, STEP_MS, type Longest } from './cover-watch.js';
import { driftWatch } from './drift-oracle.js';
import { DriftingHost } from './drifting-host.js';
import { FaultyWorld } from './faulty-world.js';
import { random } from './lives.js';
import { overSeeds } from './over-seeds.js';
import { StrictLine } from './strict-line.js';

export interface StrictFigures {
  seeds: number;
  throttled: number;
  /** Reducing orders that left while an entry had no answer, and entries that waited for one. */
  whileWaiting: number;
  afterAnother: number;
  badRows: number;
  /** Stops that left while nothing could be added for the clock's sake. */
  doubted: number;
  entries: number;
  /** Without cover while the exchange answered. */
  readonly longest: Longest;
  readonly failures: string[];
}

const SAFETY_MS = 75_000;
const LIVENESS_MS = 120_000;
/** The bot's own limits of an offset and of a step that nobody has measured. */
const WIDEST_OFFSET_MS = 60_000;
const STEP_SEEN_MS = 300;
/**
 * Requests a minute that are no repetition: what is open every five seconds, what has filled every fifteen, and the
 * first stop, or lookup, of each of twenty entries.
 */
const OF_TASKS = 12 + 4 + 20;

/** A defect that a bot is given, for a test to see that it is found. */
export type Defect = (container: BotContainer) => void;

export interface Trial {
  readonly defect?: Defect;
  /** How often a row is misshapen, in seeds in which any is; drawn by default. */
  readonly badRows?: number;
}

/** A venue that wants to be left alone, clocks that are off, misshapen rows: each seed draws how much of which. */
export async function strictSwarm(seeds: number, first = 1, { defect, badRows }: Trial = {}): Promise<StrictFigures> {
  const figures: StrictFigures = {
    seeds,
    throttled: 0,
    whileWaiting: 0,
    afterAnother: 0,
    badRows: 0,
    doubted: 0,
    entries: 0,
    longest: { ms: 0, seed: 0 },
    failures: [],
  };
  return overSeeds([first, seeds], figures, (seed) => new StrictWorld(seed, figures, defect, badRows).run());
}

/** What protection and unfinished closes say of the orders that they send. */
const BY_ITSELF = /^(Protective stop|the rest of|stop \S+ reached)/;

class StrictWorld {
  private readonly draw: () => number;
  private readonly world: FaultyWorld;
  private readonly line: StrictLine;
  private readonly host: DriftingHost | undefined;
  /** Of what there is to be in this seed. */
  private readonly kinds: { readonly limits: boolean; readonly clocks: boolean; readonly rows: boolean };
  /** Few requests are allowed: what is late for their sake is not looked at. */
  private readonly isPoor: boolean;
  private readonly isGuarded: boolean;
  private unmeasuredMs = 0;

  constructor(
    private readonly seed: number,
    private readonly figures: StrictFigures,
    defect: Defect = () => undefined,
    private readonly badRows?: number,
  ) {
    const draw = (this.draw = random(seed * 12_289));
    this.kinds = { limits: draw() < 0.5, clocks: draw() < 0.5, rows: draw() < 0.5 };
    this.isPoor = draw() < 0.25;
    this.isGuarded = draw() < 0.7;
    const resendsPerMinute = this.isPoor ? 20 + Math.floor(draw() * 40) : 600;
    const clock = this.kinds.clocks ? this.clocks() : undefined;
    this.host = clock?.host;
    this.line = new StrictLine({
      draw,
      now: () => this.world.now,
      botNow: () => this.world.get(Clock).now(),
      scheduler: () => this.world.scheduler,
      isAsleep: () => this.host?.isAsleep === true,
      isByItself: (clientId) => BY_ITSELF.test(this.world.get(OrderLog).find(clientId)?.origin?.reason ?? ''),
      disturbed: () => (this.world.wire.disturbedAt = this.world.now),
    });
    if (this.isPoor) this.line.mostPerMinute = resendsPerMinute + OF_TASKS;
    if (this.host !== undefined) this.line.objection = () => this.ofClock();
    this.line.isUnseen = () => this.isUnseen();
    this.world = new FaultyWorld({
      seed,
      strategy: this.isGuarded ? 'guarded' : 'churn',
      execution: { resendsPerMinute },
      overrides: (container) => {
        container.onActivation(Brokerage, (_context, broker) => this.line.around(broker));
        defect(container);
        if (clock === undefined) return;
        swap(container, HostClock, clock.host);
        swap(container, HostScheduler, clock.timers);
        swap(container, Clock, clock.measured);
        swap(container, VenueTime, clock.measured);
      },
    });
  }

  async run(): Promise<void> {
    const { world, line, seed, figures } = this;
    const say = (what: string): number => figures.failures.push(`seed ${seed} at ${world.now}: ${what}`);
    await world.start();
    try {
      const disturb = disturber(world, this.draw);
      const watch = coverWatch(world, { seed, clean: figures.longest, failures: figures.failures });
      const drifts = driftWatch(world, line.position, say);
      if (this.kinds.rows) line.badRows = this.badRows ?? this.draw() * 0.3;
      for (let step = 0; step < SAFETY_MS / STEP_MS; step += 1) {
        if (step % 4 === 0) {
          disturb();
          this.disturbMore();
          if (this.draw() < 0.1) await this.burst();
        }
        await world.run(STEP_MS);
        this.look();
        drifts();
        if (this.isGuarded && !this.isPoor) watch();
      }
      heal(world);
      line.badRows = line.timeDelayMs = 0;
      line.busyUntil = Number.NEGATIVE_INFINITY;
      world.wire.failing.clear();
      this.host?.wake();
      const differences = (): string[] => world.differences({ settled: true, inOrder: false });
      if (!(await world.until(() => differences().length === 0, LIVENESS_MS)))
        for (const difference of differences()) say(difference);
      for (const violation of [...line.violations, ...world.wire.violations]) say(violation);
      const { state, reason } = world.get(SafetyLadder);
      if (state !== 'NORMAL' && reason !== 'history_incomplete') say(`the safety state is ${state}: ${String(reason)}`);
      for (const key of Object.keys(line.seen) as (keyof typeof line.seen)[]) figures[key] += line.seen[key];
      figures.entries += world.orders.filter(({ request }) => !request.reduceOnly).length;
    } finally {
      heal(world);
      await world.stop();
    }
  }

  private clocks() {
    const { draw } = this;
    const host = new DriftingHost(() => this.world.now, draw() * 800 - 400, draw() * 1_800 - 900);
    // The machine's timers are the world's: nothing else tells the time here.
    const timers: Scheduler = {
      after: (ms, callback) => this.world.scheduler.after(ms, callback),
      sleep: (ms, signal) => this.world.scheduler.sleep(ms, signal),
      get pending() {
        return 0;
      },
    };
    return { host, timers, measured: new VenueClock(host) };
  }

  private disturbMore(): void {
    const { line, draw, host, kinds, world } = this;
    // What was told on a clock that then stood still is waited for longer: that is no fault.
    const isAwake = host === undefined || (!host.isAsleep && line.measuredAt >= host.steppedAt);
    if (kinds.limits && isAwake && world.now > line.busyUntil && draw() < 0.04)
      line.busyUntil = world.now + 2_000 + draw() * 20_000;
    if (host === undefined) return;
    line.timeDelayMs = draw() < 0.7 ? 0 : draw() * 400;
    const { failing } = world.wire;
    if (failing.has('getServerTime') ? draw() < 0.3 : draw() < 0.03) {
      if (!failing.delete('getServerTime')) failing.add('getServerTime');
    }
    if (draw() < 0.04) this.step((draw() < 0.5 ? 1 : -1) * 10 ** (2 + draw() * 3));
    if (host.isAsleep ? draw() < 0.3 : world.now > line.busyUntil && draw() < 0.02) {
      if (host.isAsleep) this.differ(() => host.wake());
      else host.sleep();
    }
    if (host.isAsleep) world.wire.down = true;
  }

  /** Several entries, one hard upon the other, into a position that has its stop; a close between them. */
  private async burst(): Promise<void> {
    const { world, draw } = this;
    const { position } = world;
    if (this.isGuarded && position === 0) return;
    const action = position < 0 ? 'sell' : 'buy';
    world.decide({ action, quantity: lots(600) });
    await world.run(1);
    world.decide({ action, quantity: lots(500) });
    if (draw() < 0.5) world.decide({ action: position < 0 ? 'buy' : 'sell', quantity: lots(700), reduceOnly: true });
  }

  private step(ms: number): void {
    const { host } = this;
    if (host !== undefined) this.differ(() => (host.step(ms), ms));
  }

  /** The host's two clocks differ by more than at the last measure, or by less: all that a machine has to see it by. */
  private differ(by: () => number): void {
    if (this.host === undefined) return;
    if (this.line.measuredAt >= this.host.steppedAt) this.unmeasuredMs = 0;
    this.unmeasuredMs += by();
  }

  /**
   * A sleep, and the wall clock set back by as much: neither clock of the machine shows it. The venue does, by the
   * first order that it refuses as late.
   */
  private isUnseen(): boolean {
    const { host, line } = this;
    if (host === undefined || line.measuredAt >= host.steppedAt || line.refusedLateAt >= host.steppedAt) return false;
    return Math.abs(this.unmeasuredMs) <= STEP_SEEN_MS;
  }

  private look(): void {
    const { line, host, world } = this;
    if (world.now < line.busyUntil || host?.isAsleep === true) world.wire.disturbedAt = world.now;
    const isMeasurable = host !== undefined && !host.isAsleep && !world.wire.isDisturbed && world.now >= line.busyUntil;
    if (!isMeasurable) line.measurableSince = Number.POSITIVE_INFINITY;
    else if (line.measurableSince === Number.POSITIVE_INFINITY) line.measurableSince = world.now;
  }

  /** Why the venue, which knows every clock here, would take nothing that adds. */
  private ofClock(): string | undefined {
    const { host, line, world } = this;
    if (host === undefined) return undefined;
    const off = host.wall() - world.now;
    if (line.measuredAt < host.steppedAt && Math.abs(this.unmeasuredMs) > STEP_SEEN_MS)
      return "the host's clock has stepped and nobody has measured it";
    return Math.abs(off) > WIDEST_OFFSET_MS + 1_000 ? `the host's clock is ${off} ms off` : undefined;
  }
}
