import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { JOURNAL_TYPES } from '#src/cli/journal-types.js';

it('types of records are those of the page, no more and no fewer', () => {
  const page = readFileSync('docs/architecture.md', 'utf8');
  const [, table = ''] = page.split('| record | fields | producer |');
  const rows = table.split('\n\n')[0]?.split('\n').slice(2) ?? [];
  const told = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name]) => name));
  expect([...JOURNAL_TYPES]).toEqual([...new Set(told)].sort());
  expect(JOURNAL_TYPES.length).toBeGreaterThan(50);
});
