interface Failing {
  readonly failures: string[];
}

/** Seeds one after another: what one of them throws is a failure of it, and the others are looked at all the same. */
export async function overSeeds<F extends Failing>(
  [first, seeds]: readonly [first: number, seeds: number],
  figures: F,
  one: (seed: number, figures: F) => Promise<void>,
): Promise<F> {
  for (let seed = first; seed < first + seeds; seed += 1) {
    try {
      await one(seed, figures);
    } catch (error) {
      figures.failures.push(`seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  return figures;
}
