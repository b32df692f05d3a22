import { fault } from '../domain/errors.js';
import type { Page } from '../ports/venue/page.js';

/** Pages that bring nothing new, one after the other, before they are taken for endless. */
const MOST_EMPTY = 100;
/** More than any account's history of fills has. */
const MOST_PAGES = 100_000;

/**
 * Reads page after page until there is no next one. Rejects with VENUE-005 when a cursor comes a second time, or when
 * the pages go on without bringing anything that has not come before, by the names of what stands at their ends: a
 * venue's paging is not believed to end. What was handed on stays.
 */
export async function readPages<T>(
  ask: (cursor: string | undefined) => Promise<Page<T>>,
  take: (item: T) => void,
  nameOf: (item: T) => unknown,
): Promise<void> {
  const seen = new Set<string>();
  const pages = new Set<string>();
  let cursor: string | undefined;
  let empty = 0;
  do {
    const { items, next } = await ask(cursor);
    for (const item of items) take(item);
    const known = pages.size;
    if (items.length > 0) pages.add(endsOf(items, nameOf));
    empty = pages.size > known ? 0 : empty + 1;
    if (next !== undefined && seen.has(next)) throw endless(`cursor ${JSON.stringify(next)} came twice`);
    if (empty > MOST_EMPTY) throw endless(`${empty} pages brought nothing new`);
    if (seen.size >= MOST_PAGES) throw endless(`${seen.size} pages were read`);
    if (next !== undefined) seen.add(next);
    cursor = next;
  } while (cursor !== undefined);
}

const endless = (what: string): Error =>
  fault('VENUE-005', `Pages of the venue must come to an end, and do not: ${what}.`);

/** What a page is known by. */
const endsOf = <T>(items: readonly T[], nameOf: (item: T) => unknown): string =>
  `${items.length} ${String(nameOf(items[0] as T))} ${String(nameOf(items[items.length - 1] as T))}`;
