import type { RandomStream } from '../../ports/configuration/random.js';
import { DifferentialEvolution } from './differential-evolution.js';
import { GridSearch, RandomSearch, type Search, type SearchName } from './search.js';
import type { Space } from './space.js';

/** A search by its name. `trials`: different points at most; a grid is always whole. */
export function searchFor(name: SearchName, space: Space, trials: number, random: RandomStream): Search {
  switch (name) {
    case 'grid':
      return new GridSearch(space);
    case 'random':
      return new RandomSearch(space, trials, random);
    case 'evolution':
      return new DifferentialEvolution(space, trials, random);
  }
}
