import { SeededRandom } from '../../../src/platform/seeded-random.js';
import type { LineWay } from './bad-line.js';

/** Where a value stands, and where another could. */
interface Place {
  readonly of: Record<string, unknown>;
  readonly name: string;
}

/** What a field may be by mistake; `undefined`: it is missing. Numbers beyond doubles are written by their text. */
const WRONG: readonly unknown[] = [undefined, null, '', '1e-7', 'NaN', {}, 'HUGE', -1, true];
const CHANCE = 0.2;

/** Of some messages one field is wrong: the same ones for the same seed. */
export function mutating(seed: number): LineWay {
  const random = new SeededRandom().stream('mutation', seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)] as T;
  return (text) => {
    if (random.next() >= CHANCE) return [text];
    const said = JSON.parse(text) as unknown;
    const places = placesIn(said);
    if (places.length === 0) return [text];
    const { of, name } = pick(places);
    const wrong = pick(WRONG);
    if (wrong === undefined && !Array.isArray(of)) delete of[name];
    else of[name] = wrong ?? null;
    if (random.next() < 0.3) (of as { nextYear?: unknown }).nextYear = 1;
    return [JSON.stringify(said).replace('"HUGE"', '123456789012345678901234567890')];
  };
}

/** Every field, however deep; rows of a list are whole or refused, never fewer. */
function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const of = value as Record<string, unknown>;
  return Object.keys(of).flatMap((name) => [{ of, name }, ...placesIn(of[name])]);
}
