import type { Json } from '../ports/storage/event-store.js';
import type { Constraints, ObjectiveName } from '../research/sweep/objective.js';
import type { SearchName } from '../research/sweep/search.js';
import type { Space } from '../research/sweep/space.js';

/** What is searched, and how. */
export interface SearchRequest {
  readonly space: Space;
  readonly search: SearchName;
  readonly trials: number;
  readonly objective: ObjectiveName;
  readonly constraints: Constraints;
  readonly seed: number;
}

/** Whatever decides which jobs are run, and how they are compared. */
export const taskOf = ({ space, search, trials, objective, constraints, seed }: SearchRequest): Json => ({
  space: space.dimensions.map(({ name, values }) => ({ name, values })),
  search,
  trials,
  objective,
  constraints: { ...constraints },
  seed,
});
