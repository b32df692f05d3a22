/** The outcome of synchronous work, or its error, as a promise that is already settled. */
export function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
