/**
 * JSON whose text depends on content alone: keys sorted, undefined left out, dates and decimals by their own `toJSON`,
 * numbers that JSON does not know and BigInt as tagged text.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return { bigint: item.toString() };
    if (typeof item === 'number' && !Number.isFinite(item)) return { number: String(item) };
    if (item instanceof Map)
      return sorted([...(item as Map<unknown, unknown>)].map(([key, entry]) => [String(key), entry]));
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) return sorted(Object.entries(item));
    return item;
  });
}

const sorted = (entries: readonly (readonly [string, unknown])[]): Record<string, unknown> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
