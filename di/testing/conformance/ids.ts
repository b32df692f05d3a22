/** By section: how many scenarios it has, and which of them are run. The others need orders or an account. */
const SECTIONS: Readonly<Record<string, readonly [count: number, run: readonly number[]]>> = {
  /** Connection, identity, clock. */
  A: [8, [1, 2, 3, 4, 5, 6, 7]],
  /** Products and rules. */
  B: [7, [1, 2, 3, 4, 5, 6, 7]],
  /** One order, from intent to end. */
  C: [16, [1, 2, 5, 6, 7, 8, 10, 12, 13, 15]],
  /** Unknown outcomes. */
  D: [9, [1, 2, 3, 4, 9]],
  /** Cancel and change. */
  E: [8, [1, 2, 3, 4, 5, 6, 8]],
  /** Conditional orders. */
  F: [6, [1, 2, 4, 6]],
  /** Account truth. */
  G: [9, [1, 2, 5, 6, 8]],
  /** Streams and limits. */
  H: [12, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12]],
};

/** Every scenario that a venue's adapter must pass, by id: `run`, or `orders` for what comes with the order half. */
export const CONFORMANCE_IDS: Readonly<Record<string, 'run' | 'orders'>> = Object.fromEntries(
  Object.entries(SECTIONS).flatMap(([letter, [count, run]]) =>
    Array.from({ length: count }, (_, place): [string, 'run' | 'orders'] => [
      `${letter}${place + 1}`,
      run.includes(place + 1) ? 'run' : 'orders',
    ]),
  ),
);
