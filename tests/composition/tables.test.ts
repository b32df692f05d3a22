import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pages } from '../snippets.mjs';
import { filled, TABLES } from '../tables.mjs';

const read = (path: string): string => readFileSync(path, 'utf8');
const architecture = read('docs/architecture.md');
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(join('src', name)));
const section = (title: string): string => architecture.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

describe('tables of the documentation', () => {
  it.each(pages().filter((page) => /^<!-- table: /m.test(read(page))))('are in %s what the code says', (page) => {
    // `npm run --silent snippets` brings the page up to date.
    expect(read(page)).toBe(filled(read(page)));
  });

  it('stand each on one page', () => {
    const shown = pages().flatMap((page) =>
      [...read(page).matchAll(/^<!-- table: ([\w-]+) -->$/gm)].map(([, name]) => name),
    );
    expect(shown.sort()).toEqual(Object.keys(TABLES).sort());
  });

  it('are filled in or replaced, up to the first line that is no row', () => {
    const tables = { x: () => '| a |' };
    const right = 'Text\n\n<!-- table: x -->\n| a |\n\nText';
    expect(filled('Text\n\n<!-- table: x -->\n| stale |\n| rows |\n\nText', tables)).toBe(right);
    expect(filled('Text\n\n<!-- table: x -->\n\nText', tables)).toBe(right);
    expect(() => filled('<!-- table: y -->', tables)).toThrow('There must be a table y');
  });
});

describe('the records of the journal', () => {
  const rows = section('Storage')
    .split('\n')
    .filter((line) => /^\| `/.test(line))
    .map((line) => line.split(' | '));
  const named = (text: string | undefined): string[] =>
    [...(text ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
  const listed = new Set(rows.flatMap(([record]) => named(record)));

  it('are written down, every one that is appended by name', () => {
    const appended = sources.flatMap((text) =>
      [...text.matchAll(/\.append(?:Durable)?\(\s*'(\w+)'/g)].map(([, name]) => name as string),
    );
    expect(appended.length).toBeGreaterThan(20);
    expect([...new Set(appended)].filter((name) => !listed.has(name))).toEqual([]);
  });

  it('exist, every one that is written down, and so does who writes it', () => {
    const all = sources.join('\n');
    expect([...listed].filter((name) => !all.includes(`'${name}'`))).toEqual([]);
    const producers = new Set(rows.flatMap((cells) => named(cells.at(-1)).filter((name) => /[A-Z]/.test(name))));
    expect([...producers].filter((name) => !new RegExp(`(class|function|const) ${name}\\b`).test(all))).toEqual([]);
  });
});

describe('the glossary', () => {
  const files = [...section('Glossary').matchAll(/\]\((\.\.\/[^)]+)\)/g)].map(([, path]) => path as string);

  it('names files that exist', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((path) => !existsSync(join(dirname('docs/architecture.md'), path)))).toEqual([]);
  });

  it('explains each term once, in order', () => {
    const terms = [...section('Glossary').matchAll(/^\| ([^|]+?) \|/gm)].map(([, term]) => term as string).slice(2);
    expect(terms).toEqual([...new Set(terms)].sort((a, b) => a.localeCompare(b)));
  });
});
