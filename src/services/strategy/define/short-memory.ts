import type { Json } from '../../../ports/storage/event-store.js';

/** What a short strategy remembers beside how its position is left; undefined is nothing. */
type Parts = Readonly<Record<string, Json | undefined>>;

/** How the position is left, and the parts that have something to remember. */
export function remembered(held: Json | undefined, parts: Parts): Json | undefined {
  const known = Object.entries(parts).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  if (known.length === 0) return held;
  return { ...(held as Readonly<Record<string, Json>> | undefined), ...Object.fromEntries(known) };
}

/** The parts of that name that were saved, and how the position is left; undefined where that was not saved. */
export function recalled<K extends string>(
  state: Json,
  names: readonly K[],
): { readonly held: Json | undefined; readonly parts: Readonly<Partial<Record<K, Json>>> } {
  if (typeof state !== 'object' || state === null || Array.isArray(state))
    return { held: state, parts: {} as Partial<Record<K, Json>> };
  const all = Object.entries(state as Readonly<Record<string, Json>>);
  const isPart = (name: string): boolean => (names as readonly string[]).includes(name);
  const held = all.filter(([name]) => !isPart(name));
  return {
    held: held.length === 0 ? undefined : Object.fromEntries(held),
    parts: Object.fromEntries(all.filter(([name]) => isPart(name))) as Partial<Record<K, Json>>,
  };
}
