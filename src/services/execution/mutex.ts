const ignore = (): void => undefined;

/** Runs asynchronous sections one after another, in the order in which they were asked for. One section's failure is its caller's alone. */
export class Mutex {
  private tail: Promise<unknown> = Promise.resolve();

  run<T>(section: () => Promise<T>): Promise<T> {
    const result = this.tail.then(section);
    this.tail = result.then(ignore, ignore);
    return result;
  }
}
