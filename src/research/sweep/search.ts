import type { RandomStream } from '../../ports/configuration/random.js';
import type { Judgement } from './objective.js';
import type { Point, Space } from './space.js';

/**
 * Points of one generation: told together, so that neither the number of workers nor who ends first changes a search.
 */
const GENERATION = 64;

/** What became of a point. */
export interface Scored {
  readonly point: Point;
  readonly judgement: Judgement;
}

/**
 * Chooses which points are tried. Asked and told in turns; its choices follow from the space, the seed and what it was
 * told. A point may be asked for again: it is answered from memory and costs nothing.
 */
export interface Search {
  readonly name: SearchName;
  /** The next generation; empty when the search is done. */
  ask(): readonly Point[];
  /** What the last generation came to, in the order it was asked. */
  tell(scored: readonly Scored[]): void;
}

export const SEARCHES = ['grid', 'random', 'evolution'] as const;
export type SearchName = (typeof SEARCHES)[number];

/** Every point, the last dimension fastest. */
export class GridSearch implements Search {
  readonly name = 'grid';
  private next = 0;

  constructor(private readonly space: Space) {}

  ask(): readonly Point[] {
    const first = this.next;
    this.next = Math.min(this.space.size, first + GENERATION);
    return Array.from({ length: this.next - first }, (_, index) => this.space.pointAt(first + index));
  }

  tell(): void {
    // The grid is walked whatever it finds.
  }
}

/** Points drawn without replacement, each as likely as any other. */
export class RandomSearch implements Search {
  readonly name = 'random';
  private left: number;
  private drawn = 0;
  /** A Fisher-Yates shuffle of all numbers, of which only what was moved is kept. */
  private readonly moved = new Map<number, number>();

  constructor(
    private readonly space: Space,
    trials: number,
    private readonly random: RandomStream,
  ) {
    this.left = Math.min(trials, space.size);
  }

  ask(): readonly Point[] {
    const count = Math.min(GENERATION, this.left);
    this.left -= count;
    return Array.from({ length: count }, () => this.space.pointAt(this.draw()));
  }

  tell(): void {
    // What was found does not change what is drawn.
  }

  private draw(): number {
    const { moved, drawn } = this;
    const other = drawn + Math.floor(this.random.next() * (this.space.size - drawn));
    const chosen = moved.get(other) ?? other;
    moved.set(other, moved.get(drawn) ?? drawn);
    moved.delete(drawn);
    this.drawn += 1;
    return chosen;
  }
}
