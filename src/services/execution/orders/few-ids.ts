/**
 * Ids of the few orders that are under way at one time. An array, because a Set that is filled and emptied with every
 * order allocates its table anew each time.
 */
export class FewIds {
  private readonly ids: string[] = [];

  add(id: string): void {
    if (!this.ids.includes(id)) this.ids.push(id);
  }

  has(id: string): boolean {
    return this.ids.includes(id);
  }

  /** False when it was not there. */
  delete(id: string): boolean {
    const index = this.ids.indexOf(id);
    if (index < 0) return false;
    const last = this.ids.pop() as string;
    if (index < this.ids.length) this.ids[index] = last;
    return true;
  }
}
