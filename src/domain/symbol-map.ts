/**
 * The one string object for a text, as the engine keeps names of properties: two of them compare by identity, where
 * equal texts read from different places are compared letter by letter, at every event.
 */
export const interned = (text: string): string => Object.keys({ [text]: 0 })[0] ?? text;

/**
 * A map by symbol, or by order, that finds its newest entry without hashing: what happens to one of them comes in rows.
 */
export class SymbolMap<V> {
  private readonly entries = new Map<string, V>();
  private symbol: string | undefined = undefined;
  private value: V | undefined = undefined;

  get size(): number {
    return this.entries.size;
  }

  get(symbol: string): V | undefined {
    return symbol === this.symbol ? this.value : this.search(symbol);
  }

  set(symbol: string, value: V): void {
    this.entries.set(symbol, value);
    this.symbol = symbol;
    this.value = value;
  }

  delete(symbol: string): boolean {
    if (symbol === this.symbol) this.forgetNewest();
    return this.entries.delete(symbol);
  }

  clear(): void {
    this.forgetNewest();
    this.entries.clear();
  }

  keys(): IterableIterator<string> {
    return this.entries.keys();
  }

  values(): IterableIterator<V> {
    return this.entries.values();
  }

  /** The entries as a plain map, for readers. */
  all(): ReadonlyMap<string, V> {
    return this.entries;
  }

  private search(symbol: string): V | undefined {
    const value = this.entries.get(symbol);
    if (value === undefined) return undefined;
    this.symbol = symbol;
    this.value = value;
    return value;
  }

  private forgetNewest(): void {
    this.symbol = undefined;
    this.value = undefined;
  }
}
