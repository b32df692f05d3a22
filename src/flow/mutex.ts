/**
 * Lets asynchronous sections in one after another, in the order in which they asked. One section's failure is its
 * caller's alone.
 */
export class Mutex {
  private held = false;
  private readonly waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn, which lasts until `leave`. */
  async enter(): Promise<void> {
    if (this.held) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.held = true;
  }

  /** Hands over to the next, or opens. */
  leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.held = false;
    else next();
  }

  async run<T>(section: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await section();
    } finally {
      this.leave();
    }
  }
}
