import type { Page } from '../ports/venue/page.js';
import { requireList, requireObject, requireText } from './reading.js';

/** Throws VENUE-005 for a page without rows or with a cursor that is no text; `null` and an empty one end the pages. */
export function readPage<T>(page: Page<T>): Page<T> {
  requireObject(page, 'A page');
  requireList(page.items, 'Rows of a page');
  const next: unknown = page.next;
  if (next === undefined || next === null || next === '') return { items: page.items };
  requireText(next, 'Cursor of a page');
  return page;
}
