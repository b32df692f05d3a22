import type { RandomStream } from '../../ports/configuration/random.js';
import { compareJudgements } from './objective.js';
import type { Scored, Search } from './search.js';
import type { Point, Space } from './space.js';

const LEAST_POPULATION = 8;
const POPULATION_A_DIMENSION = 8;
const MOST_POPULATION = 64;
/** Share of the coordinates that a child takes from the mutant. */
const CROSSOVER = 0.9;
/** The weight of the difference is drawn anew for every child between these ("dither"). */
const LEAST_WEIGHT = 0.5;
const MOST_WEIGHT = 1;
/** Generations in a row that bring no new point: the population has come together. */
const QUIET_GENERATIONS = 5;

/**
 * Differential evolution, rand/1/bin, on the grid of the space: coordinates are indices, mutants are rounded and
 * reflected at the ends. Trials are only compared, so any objective serves, and a failed trial is merely the last.
 * Source: R. Storn and K. Price, "Differential Evolution - A Simple and Efficient Heuristic for Global Optimization
 * over Continuous Spaces", Journal of Global Optimization 11, 1997.
 */
export class DifferentialEvolution implements Search {
  readonly name = 'evolution';
  private population: readonly Scored[] = [];
  private asked: readonly Point[] = [];
  private readonly seen = new Set<number>();
  private quiet = 0;
  private readonly members: number;

  constructor(
    private readonly space: Space,
    private readonly trials: number,
    private readonly random: RandomStream,
  ) {
    const wanted = Math.min(
      MOST_POPULATION,
      Math.max(LEAST_POPULATION, POPULATION_A_DIMENSION * space.dimensions.length),
    );
    this.members = Math.max(1, Math.min(wanted, trials, space.size));
  }

  ask(): readonly Point[] {
    this.asked = this.isDone() ? [] : this.population.length === 0 ? this.firstGeneration() : this.children();
    const before = this.seen.size;
    for (const point of this.asked) this.seen.add(this.space.numberOf(point));
    this.quiet = this.seen.size > before ? 0 : this.quiet + 1;
    return this.asked;
  }

  /** A child replaces its parent when it is at least as good. */
  tell(scored: readonly Scored[]): void {
    if (this.population.length === 0) {
      this.population = scored;
      return;
    }
    this.population = this.population.map((parent, index) => {
      const child = scored[index];
      return child !== undefined && compareJudgements(child.judgement, parent.judgement) <= 0 ? child : parent;
    });
  }

  private isDone(): boolean {
    return (
      this.seen.size >= Math.min(this.trials, this.space.size) ||
      this.quiet >= QUIET_GENERATIONS ||
      (this.population.length > 0 && this.members < 4)
    );
  }

  private firstGeneration(): readonly Point[] {
    const points = new Map<number, Point>();
    while (points.size < this.members) {
      const point = this.space.dimensions.map(({ values }) => Math.floor(this.random.next() * values.length));
      points.set(this.space.numberOf(point), point);
    }
    return [...points.values()];
  }

  private children(): readonly Point[] {
    const budget = Math.min(this.trials, this.space.size) - this.seen.size;
    const fresh = new Set<number>();
    return this.population.map((parent, index) => {
      const child = this.child(index);
      const number = this.space.numberOf(child);
      // The last generation is cut to what is left of the trials: its other members stay as they are.
      if (!this.seen.has(number) && !fresh.has(number)) {
        if (fresh.size >= budget) return parent.point;
        fresh.add(number);
      }
      return child;
    });
  }

  private child(index: number): Point {
    const parent = (this.population[index] as Scored).point;
    const [a, b, c] = this.others(index) as [Point, Point, Point];
    const weight = LEAST_WEIGHT + (MOST_WEIGHT - LEAST_WEIGHT) * this.random.next();
    const sure = Math.floor(this.random.next() * parent.length);
    return parent.map((own, axis) => {
      const taken = this.random.next() < CROSSOVER || axis === sure;
      return taken
        ? this.within((a[axis] as number) + weight * ((b[axis] as number) - (c[axis] as number)), axis)
        : own;
    });
  }

  /** Three other members, all different. */
  private others(index: number): Point[] {
    const chosen = new Set<number>();
    while (chosen.size < 3) {
      const other = Math.floor(this.random.next() * this.population.length);
      if (other !== index) chosen.add(other);
    }
    return [...chosen].map((other) => (this.population[other] as Scored).point);
  }

  private within(coordinate: number, axis: number): number {
    const last = (this.space.dimensions[axis]?.values.length ?? 1) - 1;
    const rounded = Math.round(coordinate);
    const reflected = rounded < 0 ? -rounded : rounded > last ? 2 * last - rounded : rounded;
    return Math.min(last, Math.max(0, reflected));
  }
}
