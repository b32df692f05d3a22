/** How many scenarios there are, by section. */
const SECTIONS: Readonly<Record<string, number>> = {
  /** Connection, identity, clock. */
  A: 8,
  /** Products and rules. */
  B: 7,
  /** One order, from intent to end. */
  C: 16,
  /** Unknown outcomes. */
  D: 9,
  /** Cancel and change. */
  E: 8,
  /** Conditional orders. */
  F: 6,
  /** Account truth. */
  G: 9,
  /** Streams and limits. */
  H: 12,
};

/** Every scenario that a venue's adapter must pass, by id. */
export const CONFORMANCE_IDS: readonly string[] = Object.entries(SECTIONS).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, place) => `${letter}${place + 1}`),
);
