/** Names and values in turns, by name in small letters; what came twice is joined as HTTP says. */
export function headersOf(raw: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const known = headers.get(name);
    const value = raw[i + 1] as string;
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return headers;
}

/** The same from a record, in turns. */
export const inTurns = (headers: Readonly<Record<string, string>>): readonly string[] => Object.entries(headers).flat();
